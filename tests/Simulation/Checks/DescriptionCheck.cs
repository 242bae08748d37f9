// What an agent says of its media (RFC 3264 §8, RFC 8866 §5.2): the number and the address in o= stay, and the version rises by one exactly when the text is another.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Simulation;

internal sealed class DescriptionCheck : MessageCheck
{
    private sealed class Session
    {
        /// <summary>Texts by version, without it.</summary>
        public Dictionary<ulong, string> Texts { get; } = [];

        public ulong Last { get; set; }

        public string Origin { get; set; } = "";
    }

    private readonly Dictionary<(Node, int Life, string CallId, string Number), Session> _sessions = [];

    /// <summary>Descriptions, each time that one was sent, and how often one was another than the last.</summary>
    public long Seen { get; private set; }

    public long Changed { get; private set; }

    public override void Sent(MessageSeen message)
    {
        if (message.Text is not { } text || message.Octets.Length == text.BodyOffset || text.Header("Content-Type") != "application/sdp")
            return;
        string body = Encoding.Latin1.GetString(message.Octets, text.BodyOffset, message.Octets.Length - text.BodyOffset);
        string[] origin = Array.Find(body.Split("\r\n"), line => line.StartsWith("o=", StringComparison.Ordinal))?[2..].Split(' ') ?? [];
        if (origin.Length != 6 || !ulong.TryParse(origin[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong version))
            throw Failure($"{message} has a description without an origin");
        Seen++;
        string rest = body.Replace($"o={string.Join(' ', origin)}", "", StringComparison.Ordinal);
        string where = $"{origin[0]} {origin[3]} {origin[4]} {origin[5]}";
        var key = (message.Node, message.Node.Life, text.CallId, origin[1]);
        if (!_sessions.TryGetValue(key, out var session))
        {
            _sessions.Add(key, session = new() { Last = version, Origin = where });
            session.Texts.Add(version, rest);
            return;
        }
        if (session.Origin != where)
            throw Failure($"{message} has another origin than before: {where}");
        // The same again, a retransmission for instance.
        if (session.Texts.TryGetValue(version, out string? known))
        {
            if (known != rest)
                throw Failure($"{message} says something else than before in version {version}");
            return;
        }
        if (version != session.Last + 1)
            throw Failure($"{message} has version {version} behind {session.Last}");
        if (session.Texts[session.Last] == rest)
            throw Failure($"{message} says the same as before in a new version, {version}");
        Changed++;
        session.Last = version;
        session.Texts.Add(version, rest);
    }
}
