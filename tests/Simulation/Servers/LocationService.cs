// Bindings of addresses of record to contacts, as RFC 3261 §10.3 has a registrar keep them, with the key of RFC 5626 §6 where a contact has an instance and a
// reg-id.
using System.Globalization;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

/// <param name="Source">What its last REGISTER came on: the way back through a translator.</param>
internal sealed record Binding(string Key, string Uri, IReadOnlyList<string> Parameters, string CallId, uint Sequence, Instant Expires, Flow Source)
{
    /// <summary>Seconds left, at least 1 while it stands.</summary>
    public long SecondsLeft(Instant now) => (long)Math.Ceiling((Expires - now).TotalSeconds);
}

internal sealed class LocationService
{
    // RFC 3261 §10.3 step 7: only what asks for less than an hour may be refused as too brief.
    private const uint LongestBrief = 3600;

    private readonly Dictionary<string, List<Binding>> _bindings = new(StringComparer.Ordinal);

    /// <summary>What stands now, the oldest first.</summary>
    public IReadOnlyList<Binding> BindingsOf(string record, Instant now) =>
        _bindings.TryGetValue(record, out var bindings) ? bindings.FindAll(binding => binding.Expires > now) : [];

    public void Clear() => _bindings.Clear();

    /// <summary>Steps 6 and 7: all of it is done or nothing. The status to answer with: 200, 400, 423, or 500 for what is out of order.</summary>
    public int Register(Instant now, string record, SipText request, in Flow source, RegistrarBehaviour behaviour)
    {
        var contacts = ContactText.AllOf(request);
        uint? header = uint.TryParse(request.Header("Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds) ? seconds : null;
        List<Binding> bindings = [.. BindingsOf(record, now)];
        if (contacts.Exists(contact => contact.IsAll))
        {
            if (contacts.Count != 1 || header != 0)
                return 400;
            if (bindings.Exists(binding => IsOutOfOrder(binding, request)))
                return 500;
            bindings.Clear();
        }
        foreach (var contact in contacts.Where(contact => !contact.IsAll))
        {
            uint asked = contact.Expires ?? header ?? behaviour.DefaultExpires;
            if (asked is > 0 and < LongestBrief && asked < behaviour.MinExpires)
                return 423;
            string uri = behaviour.Rewrites(contact.Uri);
            string key = contact.Parameter("+sip.instance") is { } instance && contact.Parameter("reg-id") is { } flow ? $"{instance} {flow}" : uri;
            int at = bindings.FindIndex(binding => binding.Key == key);
            if (at >= 0 && IsOutOfOrder(bindings[at], request))
                return 500;
            if (at >= 0)
                bindings.RemoveAt(at);
            if (asked == 0)
                continue;
            var expires = now + TimeSpan.FromSeconds(Math.Min(asked, behaviour.MaxExpires));
            List<string> parameters = [.. contact.Parameters.Where(parameter => !parameter.StartsWith("expires", StringComparison.OrdinalIgnoreCase))];
            bindings.Add(new(key, uri, parameters, request.CallId, request.Sequence, expires, source));
        }
        _bindings[record] = bindings;
        return 200;
    }

    private static bool IsOutOfOrder(Binding binding, SipText request) => binding.CallId == request.CallId && binding.Sequence >= request.Sequence;
}
