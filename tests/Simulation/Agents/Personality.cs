// How a user behaves: how often it calls, what it answers, how patient it is.
namespace SipEmbedded.Simulation;

/// <summary>Rates are in thousandths, times in milliseconds.</summary>
internal sealed record Personality
{
    /// <summary>Between one new request and the next, at most.</summary>
    public int PauseMs { get; init; } = 2000;

    /// <summary>New requests in all.</summary>
    public int MaxRequests { get; init; } = int.MaxValue;

    /// <summary>New requests that are calls; the others are of some other method.</summary>
    public int CallsPerMille { get; init; } = 600;

    /// <summary>Calls that it cancels.</summary>
    public int CancelsPerMille { get; init; } = 250;

    /// <summary>New requests over TCP.</summary>
    public int StreamPerMille { get; init; } = 250;

    /// <summary>New requests with a body above the path limit.</summary>
    public int LargePerMille { get; init; } = 150;

    /// <summary>New requests to where nobody is.</summary>
    public int NobodyPerMille { get; init; } = 30;

    /// <summary>Requests that it never answers.</summary>
    public int IgnoresPerMille { get; init; } = 50;

    /// <summary>Requests that it answers with an error.</summary>
    public int RefusesPerMille { get; init; } = 300;

    /// <summary>Requests that it answers late.</summary>
    public int LatePerMille { get; init; } = 300;

    /// <summary>How late, at most.</summary>
    public int LatenessMs { get; init; } = 20_000;

    /// <summary>2xx that it does not acknowledge.</summary>
    public int ForgetsAckPerMille { get; init; } = 50;

    /// <summary>How long a call lasts, at most.</summary>
    public int TalkMs { get; init; } = 10_000;

    /// <summary>Begins nothing, answers everything well and soon.</summary>
    public static Personality Patient { get; } = new()
    {
        MaxRequests = 0,
        PauseMs = 1,
        CallsPerMille = 1000,
        CancelsPerMille = 0,
        StreamPerMille = 0,
        LargePerMille = 0,
        NobodyPerMille = 0,
        IgnoresPerMille = 0,
        RefusesPerMille = 0,
        LatePerMille = 0,
        ForgetsAckPerMille = 0,
        TalkMs = 500,
    };

    public static Personality Draw(Chance chance) => new()
    {
        PauseMs = chance.Pick(400, 1500, 4000, 10_000),
        CallsPerMille = chance.Pick(0, 500, 800, 1000),
        CancelsPerMille = chance.Pick(0, 200, 600),
        StreamPerMille = chance.Pick(0, 0, 200, 1000),
        LargePerMille = chance.Pick(0, 100, 500),
        NobodyPerMille = chance.Pick(0, 30, 200),
        IgnoresPerMille = chance.Pick(0, 30, 300),
        RefusesPerMille = chance.Pick(0, 200, 700),
        LatePerMille = chance.Pick(0, 300, 800),
        LatenessMs = chance.Pick(300, 5000, 90_000),
        ForgetsAckPerMille = chance.Pick(0, 30, 300),
        TalkMs = chance.Pick(1, 3000, 60_000),
    };
}
