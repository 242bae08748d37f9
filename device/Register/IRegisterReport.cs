using SipEmbedded.Registration;

namespace SipEmbedded.Device.Register;

/// <summary>An account at this moment.</summary>
internal sealed record AccountView(string Name, RegistrationInfo Info, string LastResult, TimeSpan? RoundTrip);

/// <summary>Where the news go.</summary>
internal interface IRegisterReport
{
    void Add(RegistrationNews news);

    /// <summary>A round trip of OPTIONS ended: after that time, or not at all.</summary>
    void AddPing(DateTimeOffset time, string account, TimeSpan? roundTrip, int status);

    /// <summary>Something about the run itself.</summary>
    void AddNote(DateTimeOffset time, string text);

    /// <summary>How often <see cref="Paint"/> wants to be called, or null for a report that shows no clock.</summary>
    TimeSpan? Interval { get; }

    void Paint(IReadOnlyList<AccountView> accounts);
}
