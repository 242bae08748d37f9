// The eight messages of bench/corpus, and what every parser must find in them. The expectations are written out here by
// hand, from the text of the messages, so that they depend on no parser at all.

namespace SipEmbedded.Bench.Peers;

/// <summary>What a parser found in a message. Status is 0 and Method set for a request (RFC 3261 §7.1), and the
/// other way round for a response (§7.2).</summary>
internal sealed record MessageFacts(
    int Status, string Method, string CallId, uint CSeq, string CSeqMethod, int ViaCount, int ContentLength, int BodyBytes);

/// <summary>What a parser found in an SDP body: media, the first one's port and number of formats (RFC 8866 §5.14).</summary>
internal sealed record SdpFacts(int MediaCount, int FirstPort, int FirstFormatCount);

/// <param name="Name">The file's name without its extension.</param>
/// <param name="Bytes">The datagram.</param>
/// <param name="Body">The bytes after the empty line; empty where there are none.</param>
/// <param name="Sdp">Null where the body is not SDP.</param>
internal sealed record CorpusMessage(string Name, byte[] Bytes, byte[] Body, MessageFacts Facts, SdpFacts? Sdp)
{
    /// <summary>What a parser is handed for this kind of work.</summary>
    public byte[] InputFor(Work work) => work == Work.Sdp ? Body : Bytes;

    /// <summary>Whether the message takes part: SDP is timed only where there is some.</summary>
    public bool Has(Work work) => work != Work.Sdp || Sdp is not null;
}

internal static class Corpus
{
    private static readonly (string Name, MessageFacts Facts, SdpFacts? Sdp)[] s_expected =
    [
        ("a_invite", new(0, "INVITE", "7c1f0a9255e2@10.0.0.41", 2, "INVITE", 2, 153, 153), new(1, 40012, 2)),
        ("b_register", new(0, "REGISTER", "1b7e40d2-9a0c-4c55@192.168.10.41", 14, "REGISTER", 1, 0, 0), null),
        ("c_200_invite", new(200, "", "7c1f0a92-55e2-4b1e@192.168.10.41", 2, "INVITE", 3, 243, 243), new(1, 40012, 3)),
        ("d_401", new(401, "", "1b7e40d2-9a0c-4c55@192.168.10.41", 13, "REGISTER", 1, 0, 0), null),
        ("e_bye", new(0, "BYE", "7c1f0a92-55e2-4b1e@192.168.10.41", 101, "BYE", 2, 0, 0), null),
        ("f_ack", new(0, "ACK", "7c1f0a92-55e2-4b1e@192.168.10.41", 2, "ACK", 1, 0, 0), null),
        ("g_notify", new(0, "NOTIFY", "90ab12cd-7e10-4d2f@192.168.10.41", 103, "NOTIFY", 1, 171, 171), null),
        ("h_options", new(0, "OPTIONS", "5b6c0f10-2f31-4a77@192.168.10.2", 102, "OPTIONS", 1, 0, 0), null),
    ];

    /// <summary>Reads every message of the folder; a file without an expectation, or the reverse, is an error.</summary>
    /// <exception cref="InvalidDataException">The folder and the expectations do not name the same messages.</exception>
    public static CorpusMessage[] Load(string folder)
    {
        string[] present =
        [
            .. Directory.EnumerateFiles(folder, "*.sip")
                .Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal),
        ];
        if (!present.SequenceEqual(s_expected.Select(e => e.Name)))
            throw new InvalidDataException($"{folder} holds {string.Join(", ", present)}; Corpus.cs describes other messages.");

        return [.. s_expected.Select(e =>
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder, e.Name + ".sip"));
            int headerEnd = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (headerEnd < 0)
                throw new InvalidDataException($"{e.Name}: no empty line after the headers.");
            return new CorpusMessage(e.Name, bytes, bytes[(headerEnd + 4)..], e.Facts, e.Sdp);
        })];
    }
}
