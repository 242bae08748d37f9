// How a user of calls behaves: how often it calls, how it answers, what it does in a call, how long it stays.
namespace SipEmbedded.Simulation;

/// <summary>Rates are in thousandths, times in milliseconds.</summary>
internal sealed record CallPersonality
{
    /// <summary>Between one new call and the next, at most.</summary>
    public int PauseMs { get; init; } = 5000;

    /// <summary>New calls in all.</summary>
    public int MaxCalls { get; init; } = int.MaxValue;

    /// <summary>New calls over TCP.</summary>
    public int StreamPerMille { get; init; }

    /// <summary>New calls that leave the offer to the callee.</summary>
    public int OfferlessPerMille { get; init; }

    /// <summary>New calls that say for how long they wait.</summary>
    public int ExpiresPerMille { get; init; }

    /// <summary>For how long, at most, in seconds.</summary>
    public int ExpiresSeconds { get; init; } = 40;

    /// <summary>New calls that it gives up at a time by chance, answered or not.</summary>
    public int CancelsPerMille { get; init; }

    /// <summary>New calls to where nobody is.</summary>
    public int NobodyPerMille { get; init; }

    /// <summary>Calls that it never answers.</summary>
    public int IgnoresPerMille { get; init; }

    /// <summary>Calls that it refuses.</summary>
    public int RefusesPerMille { get; init; }

    /// <summary>Of these the ones that it sends to another address (302).</summary>
    public int RedirectsPerMille { get; init; }

    /// <summary>Calls that it lets ring before it answers: once, twice or three times.</summary>
    public int RingsPerMille { get; init; } = 1000;

    /// <summary>Of these the ones with media before the answer.</summary>
    public int EarlyMediaPerMille { get; init; }

    /// <summary>How long it takes to answer, at most.</summary>
    public int AnswerMs { get; init; } = 3000;

    /// <summary>How long a call lasts, at most.</summary>
    public int TalkMs { get; init; } = 10_000;

    /// <summary>Calls that it hangs up at the moment in which they stand.</summary>
    public int HangsUpAtOncePerMille { get; init; }

    /// <summary>Calls in which it leaves hanging up to the other side.</summary>
    public int StaysPerMille { get; init; }

    /// <summary>What it does in a call, at most: holds, changes, keys, texts.</summary>
    public int MaxDeeds { get; init; }

    /// <summary>Between one deed and the next, at most.</summary>
    public int DeedMs { get; init; } = 4000;

    /// <summary>Calls in which it changes something while they ring.</summary>
    public int ChangesEarlyPerMille { get; init; }

    public static CallPersonality Draw(Chance chance) => new()
    {
        PauseMs = chance.Pick(1500, 6000, 20_000),
        StreamPerMille = chance.Pick(0, 0, 0, 300, 1000),
        OfferlessPerMille = chance.Pick(0, 200, 1000),
        ExpiresPerMille = chance.Pick(0, 0, 300),
        CancelsPerMille = chance.Pick(0, 150, 500),
        NobodyPerMille = chance.Pick(0, 0, 50),
        IgnoresPerMille = chance.Pick(0, 20, 150),
        RefusesPerMille = chance.Pick(0, 100, 400),
        RedirectsPerMille = chance.Pick(0, 0, 300),
        RingsPerMille = chance.Pick(0, 500, 1000),
        EarlyMediaPerMille = chance.Pick(0, 400, 1000),
        AnswerMs = chance.Pick(1, 3000, 60_000),
        TalkMs = chance.Pick(1, 20_000, 200_000, 400_000),
        HangsUpAtOncePerMille = chance.Pick(0, 50, 300),
        StaysPerMille = chance.Pick(0, 300, 900),
        MaxDeeds = chance.Pick(0, 3, 10),
        DeedMs = chance.Pick(10, 1000, 20_000),
        ChangesEarlyPerMille = chance.Pick(0, 300, 1000),
    };
}
