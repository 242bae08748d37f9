// A name server's model: it answers questions from zones in text, as an authoritative server or a resolver behind it would (RFC 1034 §4.3.2, RFC 2308, RFC 6891).
// It shares no code with the client that is tested against it.
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace SipEmbedded.Tests.Zones;

internal sealed class ZoneServer(string zones)
{
    /// <summary>Octets of a datagram to those that do not say how much they take (RFC 1035 §2.3.4).</summary>
    private const int PlainOctets = 512;

    private const int HeaderOctets = 12;
    private const int MaxAliases = 16;

    private static readonly Dictionary<string, ushort> s_types = new()
    {
        ["A"] = 1, ["NS"] = 2, ["CNAME"] = 5, ["SOA"] = 6, ["AAAA"] = 28, ["SRV"] = 33, ["NAPTR"] = 35,
    };

    private Zone _zone = new(zones);

    /// <summary>Other zones from here on: DNS that moves.</summary>
    public void Load(string text) => _zone = new(text);

    /// <summary>False: a question with an OPT record is answered FORMERR (RFC 6891 §7).</summary>
    public bool KnowsEdns { get; set; } = true;

    /// <summary>Every answer has this code and nothing else; 2 is SERVFAIL.</summary>
    public int? FailsWith { get; set; }

    /// <summary>Octets that a datagram's answer may have, whatever the client takes.</summary>
    public int MaxDatagramOctets { get; set; } = 1232;

    /// <summary>Questions seen, as <c>example.com SRV</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Answers a datagram, cut short with TC where it is too long. Returns the answer's length, 0 for what is no question.</summary>
    public int Answer(ReadOnlySpan<byte> question, Span<byte> answer) => Answer(question, answer, isStream: false);

    /// <summary>Answers a message of a stream, without the two octets of its length.</summary>
    public int AnswerStream(ReadOnlySpan<byte> question, Span<byte> answer) => Answer(question, answer, isStream: true);

    private int Answer(ReadOnlySpan<byte> question, Span<byte> answer, bool isStream)
    {
        if (question.Length < HeaderOctets + 5 || (question[2] & 0xF8) != 0 || BinaryPrimitives.ReadUInt16BigEndian(question[4..]) != 1)
            return 0;
        int at = HeaderOctets;
        var labels = new List<string>();
        while (at < question.Length && question[at] != 0)
        {
            if (question[at] > 63 || at + 1 + question[at] >= question.Length)
                return 0;
            labels.Add(Encoding.Latin1.GetString(question.Slice(at + 1, question[at])));
            at += 1 + question[at];
        }
        if (at + 5 > question.Length)
            return 0;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(question[(at + 1)..]);
        int end = at + 5;
        bool hasOpt = BinaryPrimitives.ReadUInt16BigEndian(question[10..]) == 1 && end + 5 <= question.Length && question[end] == 0;
        int limit = isStream ? answer.Length
            : Math.Min(MaxDatagramOctets, hasOpt ? Math.Max(PlainOctets, (int)BinaryPrimitives.ReadUInt16BigEndian(question[(end + 3)..])) : PlainOctets);

        string name = string.Join('.', labels).ToLowerInvariant();
        Asked.Add($"{name} {s_types.FirstOrDefault(known => known.Value == type).Key ?? type.ToString(CultureInfo.InvariantCulture)}");
        int code = FailsWith ?? (hasOpt && !KnowsEdns ? 1 : 0);
        var (answers, authority) = (new List<ZoneRecord>(), new List<ZoneRecord>());
        if (code == 0)
            code = Find(name, type, answers, authority);

        var writer = new Writer(question[..end]);
        bool withOpt = hasOpt && KnowsEdns;
        foreach (var record in answers.Concat(authority))
            writer.Write(record);
        if (withOpt)
            writer.WriteOpt();
        bool isCut = writer.Octets.Count > limit;
        if (isCut)
        {
            (answers, authority) = ([], []);
            writer = new(question[..end]);
            if (withOpt)
                writer.WriteOpt();
        }
        byte[] octets = [.. writer.Octets];
        octets[2] = (byte)(0x84 | question[2] & 0x01 | (isCut ? 0x02 : 0));
        octets[3] = (byte)(0x80 | code);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(6), (ushort)answers.Count);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(8), (ushort)authority.Count);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(10), (ushort)(withOpt ? 1 : 0));
        if (octets.Length > answer.Length)
            return 0;
        octets.CopyTo(answer);
        return octets.Length;
    }

    // RFC 1034 §4.3.2: aliases are followed as long as they lead to names that are known here. Returns the code.
    private int Find(string name, ushort type, List<ZoneRecord> answers, List<ZoneRecord> authority)
    {
        for (int aliases = 0; aliases <= MaxAliases; aliases++)
        {
            if (_zone.ApexOf(name) is not { } apex)
                return answers.Count == 0 ? 5 : 0;
            var here = At(name, apex);
            var wanted = here.Where(record => s_types[record.Type] == type).ToList();
            answers.AddRange(wanted);
            if (wanted.Count > 0)
                return 0;
            if (here.Find(record => record.Type == "CNAME") is { } alias)
            {
                if (answers.Contains(alias))
                    return 0;
                answers.Add(alias);
                name = alias.Data[0];
                continue;
            }
            authority.AddRange(_zone.Records.Where(record => record.Type == "SOA" && record.Owner == apex));
            bool exists = _zone.Records.Exists(record => Zone.IsWithin(record.Owner, name)) || here.Count > 0;
            return exists ? 0 : 3;
        }
        return 0;
    }

    // What stands at a name, or at the wildcard that covers it (RFC 4592 in short: nothing nearer exists).
    private List<ZoneRecord> At(string name, string apex)
    {
        var here = _zone.Records.Where(record => record.Owner == name).ToList();
        if (here.Count > 0 || _zone.Records.Exists(record => Zone.IsWithin(record.Owner, name)))
            return here;
        for (string parent = name; parent != apex && parent.Contains('.'); )
        {
            parent = parent[(parent.IndexOf('.') + 1)..];
            var covering = _zone.Records.Where(record => record.Owner == "*." + parent).ToList();
            if (covering.Count > 0 || _zone.Records.Exists(record => Zone.IsWithin(record.Owner, parent)))
                return [.. covering.Select(record => record with { Owner = name })];
        }
        return [];
    }

    // Records behind the header and the question, names compressed where RFC 1035 §4.1.4 has it.
    private sealed class Writer
    {
        private readonly Dictionary<string, int> _places = [];

        public Writer(ReadOnlySpan<byte> headerAndQuestion)
        {
            Octets = [.. headerAndQuestion];
            // Where each suffix of the question's name begins.
            int at = HeaderOctets;
            while (headerAndQuestion[at] != 0)
            {
                _places.TryAdd(NameAt(headerAndQuestion, at), at);
                at += 1 + headerAndQuestion[at];
            }
        }

        public List<byte> Octets { get; }

        private static string NameAt(ReadOnlySpan<byte> octets, int at)
        {
            var labels = new List<string>();
            for (; octets[at] != 0; at += 1 + octets[at])
                labels.Add(Encoding.Latin1.GetString(octets.Slice(at + 1, octets[at])));
            return string.Join('.', labels).ToLowerInvariant();
        }

        public void WriteOpt() => Octets.AddRange([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);

        public void Write(ZoneRecord record)
        {
            Name(record.Owner, isCompressed: true);
            Number(s_types[record.Type]);
            Number(1);
            uint ttl = record.Type == "SOA" ? Math.Min(record.Ttl, uint.Parse(record.Data[6], CultureInfo.InvariantCulture)) : record.Ttl;
            Number((ushort)(ttl >> 16));
            Number((ushort)ttl);
            int length = Octets.Count;
            Number(0);
            switch (record.Type)
            {
                case "A" or "AAAA":
                    Octets.AddRange(IPAddress.Parse(record.Data[0]).GetAddressBytes());
                    break;
                case "CNAME" or "NS":
                    Name(record.Data[0], isCompressed: true);
                    break;
                case "SOA":
                    Name(record.Data[0], isCompressed: true);
                    Name(record.Data[1], isCompressed: true);
                    foreach (string number in record.Data.Skip(2))
                    {
                        Number((ushort)(uint.Parse(number, CultureInfo.InvariantCulture) >> 16));
                        Number((ushort)uint.Parse(number, CultureInfo.InvariantCulture));
                    }
                    break;
                case "SRV":
                    foreach (string number in record.Data.Take(3))
                        Number(ushort.Parse(number, CultureInfo.InvariantCulture));
                    Name(record.Data[3], isCompressed: false);
                    break;
                case "NAPTR":
                    foreach (string number in record.Data.Take(2))
                        Number(ushort.Parse(number, CultureInfo.InvariantCulture));
                    foreach (string text in record.Data.Skip(2).Take(3))
                        Octets.AddRange([(byte)text.Length, .. Encoding.Latin1.GetBytes(text)]);
                    Name(record.Data[5], isCompressed: false);
                    break;
            }
            int octets = Octets.Count - length - 2;
            (Octets[length], Octets[length + 1]) = ((byte)(octets >> 8), (byte)octets);
        }

        private void Number(ushort value) => Octets.AddRange([(byte)(value >> 8), (byte)value]);

        private void Name(string name, bool isCompressed)
        {
            while (name.Length > 0)
            {
                if (isCompressed && _places.TryGetValue(name, out int place))
                {
                    Number((ushort)(0xC000 | place));
                    return;
                }
                if (Octets.Count < 0x4000)
                    _places.TryAdd(name, Octets.Count);
                int dot = name.IndexOf('.');
                string label = dot < 0 ? name : name[..dot];
                Octets.AddRange([(byte)label.Length, .. Encoding.Latin1.GetBytes(label)]);
                name = dot < 0 ? "" : name[(dot + 1)..];
            }
            Octets.Add(0);
        }
    }
}
