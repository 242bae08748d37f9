// A message as the checks read it: by hand, with nothing of the library, so that a fault of the library's reader cannot hide itself. It reads what our agents
// write and no more; what is malformed in a way that matters here is null.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Simulation;

internal sealed class SipText
{
    private readonly List<(string Name, string Value)> _headers = [];

    private SipText(byte[] octets, string startLine)
    {
        Octets = octets;
        StartLine = startLine;
    }

    public byte[] Octets { get; }

    public string StartLine { get; }

    public bool IsRequest => Status == 0;

    /// <summary>Of a request its own, of a response that of CSeq.</summary>
    public string Method { get; private set; } = "";

    /// <summary>0 for a request.</summary>
    public int Status { get; private set; }

    /// <summary>The top Via's branch.</summary>
    public string Branch { get; private set; } = "";

    /// <summary>The top Via's host and port.</summary>
    public string SentBy { get; private set; } = "";

    /// <summary>The top Via's protocol.</summary>
    public string Transport { get; private set; } = "";

    public string CallId { get; private set; } = "";

    public uint Sequence { get; private set; }

    public string FromTag { get; private set; } = "";

    public string ToTag { get; private set; } = "";

    public int BodyOffset { get; private set; }

    public IReadOnlyList<(string Name, string Value)> Headers => _headers;

    public bool IsFinal => Status >= 200;

    public bool IsProvisional => Status is >= 100 and < 200;

    public bool IsInvite => Method == "INVITE";

    /// <summary>What a client transaction is known by (RFC 3261 §17.1.3).</summary>
    public string ClientKey => Branch + " " + Method;

    /// <summary>What a server transaction is known by (RFC 3261 §17.2.3).</summary>
    public string ServerKey => Branch + " " + SentBy + " " + (Method == "ACK" ? "INVITE" : Method);

    /// <summary>The first of that name, or null.</summary>
    public string? Header(string name) =>
        _headers.Find(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public int Count(string name) => _headers.Count(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public override string ToString() => StartLine;

    /// <summary>Null where it is no message, or lacks one of the headers that every message has.</summary>
    public static SipText? TryRead(byte[] octets)
    {
        int end = octets.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;
        string[] lines = Encoding.Latin1.GetString(octets, 0, end).Split("\r\n");
        var text = new SipText(octets, lines[0]) { BodyOffset = end + 4 };
        string[] start = lines[0].Split(' ', 3);
        if (start.Length < 3)
            return null;
        if (start[0] == "SIP/2.0")
        {
            if (!int.TryParse(start[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status) || status is < 100 or > 699)
                return null;
            text.Status = status;
        }
        else if (start[2] != "SIP/2.0")
            return null;
        for (int i = 1; i < lines.Length; i++)
        {
            int colon = lines[i].IndexOf(':');
            if (colon <= 0)
                return null;
            text._headers.Add((lines[i][..colon].Trim(), lines[i][(colon + 1)..].Trim()));
        }
        return text.ReadHeaders(start[0]) ? text : null;
    }

    private bool ReadHeaders(string method)
    {
        if (Header("Via") is not { } via || Header("CSeq")?.Split(' ') is not [var number, var name] || Header("Call-ID") is not { } callId
            || Header("From") is not { } from || Header("To") is not { } to || !uint.TryParse(number, out uint sequence))
        {
            return false;
        }
        string[] parts = via.Split(';');
        string[] sent = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (sent.Length != 2 || sent[0].Split('/') is not [_, _, var transport])
            return false;
        (Transport, SentBy, Branch) = (transport, sent[1], Parameter(via, "branch"));
        (Sequence, CallId, FromTag, ToTag) = (sequence, callId, Parameter(from, "tag"), Parameter(to, "tag"));
        Method = IsRequest ? method : name;
        return Branch.Length > 0 && Method.Length > 0 && (!IsRequest || name == method);
    }

    // Of the header, not of a URI in angle brackets.
    private static string Parameter(string value, string name)
    {
        int at = value.LastIndexOf('>');
        foreach (string part in value[(at + 1)..].Split(';').Skip(1))
        {
            int equals = part.IndexOf('=');
            if (equals > 0 && part[..equals].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                return part[(equals + 1)..].Trim();
        }
        return "";
    }
}
