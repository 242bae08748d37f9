// A proxy on the way between two agents: it passes messages on with a Via, and a Record-Route where it wants to stay on the way (RFC 3261 §16). It keeps no transactions
// (RFC 3261 §16.11), so responses and their ACKs go from end to end.
using System.Globalization;
using SipEmbedded.Transport;

namespace SipEmbedded.Tests.Calls;

internal sealed class FlowProxy(string name, IpEndpoint own)
{
    public string Name { get; } = name;

    public IpEndpoint Own { get; } = own;

    /// <summary>Where a request goes that begins a dialog.</summary>
    public IpEndpoint Next { get; set; }

    /// <summary>Stays on the way of later requests.</summary>
    public bool RecordsRoute { get; init; } = true;

    /// <summary>Wants credentials for its own name as realm (RFC 3261 §22.3).</summary>
    public bool Challenges { get; init; }

    /// <summary>Tells callers to go there.</summary>
    public IpEndpoint? RedirectsTo { get; init; }

    /// <summary>Says nothing at all.</summary>
    public bool IsDead { get; init; }

    // Where the INVITE of a branch went: its CANCEL and the ACK to its refusal follow it (RFC 3261 §16.10).
    private readonly Dictionary<string, IpEndpoint> _ways = [];

    // Branches of INVITEs that it answered itself: their ACKs go no further.
    private readonly HashSet<string> _refused = [];

    private string Text => $"192.0.2.{(byte)Own.Address}";

    /// <summary>What it sends for a message.</summary>
    public IEnumerable<(IpEndpoint To, string Text)> Pass(IpEndpoint from, string message)
    {
        if (IsDead)
            return [];
        return message.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? [PassResponse(message)] : PassRequest(from, message);
    }

    private static (IpEndpoint, string) PassResponse(string message)
    {
        var lines = message.Split("\r\n").ToList();
        lines.RemoveAt(lines.FindIndex(line => line.StartsWith("Via:", StringComparison.Ordinal)));
        string via = lines.First(line => line.StartsWith("Via:", StringComparison.Ordinal));
        return (EndpointOf(via.Split(' ')[2].Split(';')[0]), string.Join("\r\n", lines));
    }

    private IEnumerable<(IpEndpoint, string)> PassRequest(IpEndpoint from, string message)
    {
        var lines = message.Split("\r\n").ToList();
        string method = lines[0].Split(' ')[0];
        bool begins = !message.Split("\r\nTo: ")[1].Split("\r\n")[0].Contains(";tag=", StringComparison.Ordinal);
        if (method == "INVITE" && begins && Challenges && !lines.Exists(IsForUs))
            return [(from, Answer(message, "407 Proxy Authentication Required", $"Proxy-Authenticate: Digest realm=\"{Name}\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\r\n"))];
        if (method == "INVITE" && RedirectsTo is { } other)
            return [(from, Answer(message, "302 Moved Temporarily", $"Contact: <sip:bob@192.0.2.{(byte)other.Address}>\r\n"))];
        int top = lines.FindIndex(line => line.StartsWith("Via:", StringComparison.Ordinal));
        string branch = lines[top].Split("branch=")[1].Split(';')[0];
        if (method == "ACK" && _refused.Contains(branch))
            return [];
        int route = lines.FindIndex(line => line.StartsWith("Route:", StringComparison.Ordinal));
        var routes = route < 0 ? [] : lines[route]["Route:".Length..].Split(',').Select(one => one.Trim()).ToList();
        if (route >= 0)
            lines.RemoveAt(route);
        if (routes.Count > 0 && routes[0].Contains(Text, StringComparison.Ordinal))
            routes.RemoveAt(0);
        if (routes.Count > 0)
            lines.Insert(top, $"Route: {string.Join(", ", routes)}");
        var to = _ways.TryGetValue(branch, out var way) ? way
            : routes.Count > 0 ? EndpointOf(UriHost(routes[0]))
            : begins ? Next
            : EndpointOf(UriHost(lines[0].Split(' ')[1]));
        if (method == "INVITE")
            _ways[branch] = to;
        lines.Insert(top, $"Via: SIP/2.0/UDP {Text}:5060;branch={branch}{Name[^1]}");
        if (method == "INVITE" && begins && RecordsRoute)
            lines.Insert(1, $"Record-Route: <sip:{Text};lr>");
        return [(to, string.Join("\r\n", lines))];
    }

    private bool IsForUs(string line) =>
        line.StartsWith("Proxy-Authorization:", StringComparison.Ordinal) && line.Contains($"realm=\"{Name}\"", StringComparison.Ordinal);

    private string Answer(string request, string status, string header)
    {
        string[] lines = request.Split("\r\n");
        _refused.Add(lines.First(line => line.StartsWith("Via:", StringComparison.Ordinal)).Split("branch=")[1].Split(';')[0]);
        var kept = lines.Where(line => Array.Exists(["Via:", "From:", "To:", "Call-ID:", "CSeq:"], name => line.StartsWith(name, StringComparison.Ordinal)))
            .Select(line => line.StartsWith("To:", StringComparison.Ordinal) ? $"{line};tag={Name}" : line);
        return $"SIP/2.0 {status}\r\n{string.Join("\r\n", kept)}\r\n{header}Content-Length: 0\r\n\r\n";
    }

    private static string UriHost(string uri)
    {
        string rest = uri[(uri.IndexOf("sip:", StringComparison.Ordinal) + 4)..];
        int at = rest.IndexOf('@');
        return rest[(at + 1)..].Split(';', '>', ' ')[0];
    }

    private static IpEndpoint EndpointOf(string hostPort)
    {
        string[] parts = hostPort.Split(':');
        byte[] octets = [.. parts[0].Split('.').Select(part => byte.Parse(part, CultureInfo.InvariantCulture))];
        uint address = (uint)(octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]);
        return IpEndpoint.V4(address, parts.Length > 1 ? ushort.Parse(parts[1], CultureInfo.InvariantCulture) : (ushort)5060);
    }
}
