// What there is to tell of an account, as text that needs no message any more.
using System.Text;
using SipEmbedded.Device.Inspect.Reports;
using SipEmbedded.Messages;
using SipEmbedded.Registration;

namespace SipEmbedded.Device.Register;

/// <summary>A contact that a server knows, as its response names it.</summary>
internal sealed record KnownContact(string Uri, uint? ExpiresSeconds, int? PreferenceThousandths);

/// <summary>One event of an account, and how it stood then.</summary>
internal sealed record RegistrationNews
{
    public required DateTimeOffset Time { get; init; }

    public required string Account { get; init; }

    public required RegistrationEvent Event { get; init; }

    public required RegistrationInfo Info { get; init; }

    /// <summary>The reason phrase of the response, safe to show; that of RFC 3261 §21 where there was none.</summary>
    public required string Reason { get; init; }

    public required IReadOnlyList<KnownContact> Contacts { get; init; }

    /// <summary>The reason phrase of the response that an event tells of.</summary>
    public static string ReasonOf(in RegistrationEvent happened, SipMessage message) =>
        EscapedText.Of(happened.IsLocal ? ReasonPhrase.Of(happened.Status) : message.Status.ReasonPhrase.In(message.Text), onlyAscii: false);

    /// <summary>The contacts of a 2xx, as far as they can be read.</summary>
    public static List<KnownContact> ContactsOf(in RegistrationEvent happened, SipMessage message)
    {
        List<KnownContact> contacts = [];
        if (happened.Kind != RegistrationEventKind.Result || happened.IsLocal || happened.Status / 100 != 2)
            return contacts;
        foreach (var contact in message.All<Contact>())
        {
            string uri = EscapedText.Of(contact.Uri.Extent.In(message.Text), onlyAscii: false);
            contacts.Add(new(uri, contact.ExpiresSeconds, contact.Preference));
        }
        return contacts;
    }
}
