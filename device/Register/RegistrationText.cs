// An account's news in words.
using System.Globalization;
using SipEmbedded.Auth;
using SipEmbedded.Device.Serving;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Register;

internal static class RegistrationText
{
    /// <summary>What happened, without the account's name.</summary>
    public static string Of(RegistrationNews news) => news.Event.Kind switch
    {
        RegistrationEventKind.Result => OfResult(news),
        RegistrationEventKind.Lapsed => "not registered any more: the time that was granted is over",
        RegistrationEventKind.FlowFailed => $"the flow to {FlowOf(news.Event.Flow)} broke",
        RegistrationEventKind.AddressChanged => "our address changed",
        RegistrationEventKind.Offline => "no way leads to the server",
        _ => news.Event.Kind.ToString(),
    };

    private static string OfResult(RegistrationNews news)
    {
        var happened = news.Event;
        string answer = happened.Fault switch
        {
            RegistrationFault.None => $"{happened.Status} {news.Reason}",
            RegistrationFault.Timeout => "no answer",
            RegistrationFault.Transport => "not delivered",
            RegistrationFault.NoServer => "no server found",
            RegistrationFault.NoRoom => "not sent: no room",
            _ => "not sent: too large",
        };
        string way = happened.Flow.Protocol == Protocol.None ? "" : $" by {FlowOf(happened.Flow)}";
        return happened.Outcome switch
        {
            RegistrationOutcome.Done => $"{DoneOf(news)} ({answer}{way}){NextOf(happened.Next)}",
            RegistrationOutcome.Continues => $"{answer}{way}; {ContinuationOf(happened)}",
            RegistrationOutcome.WillRetry => $"failed: {answer}{way}{NextOf(happened.Next)}",
            RegistrationOutcome.Refused => $"refused: {answer}{way}{ChallengeOf(happened.Challenge)}{NextOf(happened.Next)}",
            _ => $"failed: {answer}{way}{ChallengeOf(happened.Challenge)}",
        };
    }

    private static string DoneOf(RegistrationNews news) => news.Event.Verb switch
    {
        RegistrationVerb.Unregister => "unregistered",
        RegistrationVerb.UnregisterAll => "all contacts removed",
        RegistrationVerb.Query => $"{Count(news.Contacts.Count)} known{string.Concat(news.Contacts.Select(contact => $"; {ContactOf(contact)}"))}",
        _ => $"registered for {Seconds(news.Event.Granted)}{(news.Event.IsContactMissing ? ", though the answer does not name our contact" : "")}",
    };

    private static string Count(int contacts) => contacts == 1 ? "1 contact is" : string.Create(CultureInfo.InvariantCulture, $"{contacts} contacts are");

    private static string ContactOf(KnownContact contact)
    {
        string expires = contact.ExpiresSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $" for {seconds} s") : "";
        string preference = contact.PreferenceThousandths is { } q ? string.Create(CultureInfo.InvariantCulture, $", q {q / 1000m}") : "";
        return $"{contact.Uri}{expires}{preference}";
    }

    private static string ContinuationOf(in RegistrationEvent happened) => happened.Challenge switch
    {
        ChallengeOutcome.Answered => "answered with credentials",
        _ when happened.Status == 423 => "asked again for longer",
        _ when happened.Status / 100 == 3 => "followed",
        _ => "asked again elsewhere",
    };

    private static string ChallengeOf(ChallengeOutcome outcome) => outcome switch
    {
        ChallengeOutcome.NoChallenge or ChallengeOutcome.Answered => "",
        ChallengeOutcome.Unsupported => ", a challenge that cannot be answered",
        ChallengeOutcome.NoCredentials => ", there is no password for this realm",
        ChallengeOutcome.Downgrade => ", a weaker algorithm than is allowed",
        ChallengeOutcome.Refused => ", these credentials are wrong",
        _ => ", too many challenges in a row",
    };

    private static string NextOf(TimeSpan next) => next == TimeSpan.MaxValue ? "" : $"; next in {Seconds(next)}";

    /// <summary>Whole seconds where there are many, tenths where there are few.</summary>
    public static string Seconds(TimeSpan time) => $"{time.TotalSeconds.ToString(time.TotalSeconds >= 10 ? "0" : "0.#", CultureInfo.InvariantCulture)} s";

    public static string FlowOf(in Flow flow) => $"{flow.Protocol.ToString().ToLowerInvariant()} {EndpointText.Of(flow.Remote)}";
}
