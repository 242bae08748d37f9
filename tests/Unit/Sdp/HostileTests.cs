// Input from an enemy: 64 KiB of anything takes a bounded time, never throws, and never gives a slice outside the text. Mutations of good
// descriptions come from a fixed seed.
using System.Diagnostics;
using System.Text;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

public sealed class HostileTests
{
    private const string Head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
    private const string Media = "m=audio 5004 RTP/AVP 0\r\n";
    private const int Seed = 20261120;

    // Reads everything that can be read; the sum keeps the work from being optimised away.
    private static int ReadEverything(byte[] text, SdpLeniency allow)
    {
        int sum = 0;
        var reader = new SdpReader(text, allow);
        while (reader.Read())
        {
            var line = reader.Line;
            Assert.InRange(line.Extent.End, 1, text.Length);
            Assert.InRange(line.Value.End, line.Extent.Offset, line.Extent.End);
            if (!reader.Check(out var fault))
                Assert.True(fault.IsFault);
            if (line.Type == 'a' && line.TryRead<AttributeField>(text, allow, out var attribute, out _) && attribute.CheckValue(text, allow, out _))
                sum += attribute.Value.Length;
        }
        if (!SdpDescription.TryRead(text, allow, out var description, out var whole))
        {
            Assert.True(whole.IsFault);
            Assert.InRange(whole.Offset, 0, Math.Min(text.Length, Slice.MaxTextLength));
            return sum;
        }
        for (int i = 0; i < description.MediaCount; i++)
        {
            var media = description.Media(i);
            sum += (int)media.Direction + (media.HasRtcpMux ? 1 : 0);
            sum += media.TryGetConnection(out var connection) ? connection.Address.In(text).Length : 0;
            sum += media.TryGetPacketTime(out var time) ? (int)time.Microseconds(text) : 0;
            sum += media.TryGetRtcp(out var rtcp) ? rtcp.Port : 0;
            foreach (var format in media.Formats)
            {
                sum += media.TryGetFormatParameters(format.In(text), out var parameters) ? parameters.Parameters.Length : 0;
                if (SdpValue.TryRead<PayloadType>(text, format, allow, out var type, out _) && media.TryGetEncoding(type.Number, out var encoding))
                    sum += encoding.Name.Length;
            }
        }
        return sum;
    }

    public static TheoryData<string, string> Floods() => new()
    {
        { "nothing but NUL", new string('\0', 65535) },
        { "nothing but line feeds", new string('\n', 65535) },
        { "nothing but CR", new string('\r', 65535) },
        { "spaces behind a good description", Head + new string(' ', 65000) },
        { "blank lines behind a good description", Head + string.Concat(Enumerable.Repeat("\r\n", 32000)) },
        { "one line of digits", Head + "a=" + new string('9', 65000) + "\r\n" },
        { "a number of 60 000 digits", "v=0\r\no=- " + new string('9', 60_000) + " 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n" },
        { "a port of 60 000 digits", Head + "m=audio " + new string('1', 60_000) + " RTP/AVP 0\r\n" },
        { "formats", Head + "m=audio 1 RTP/AVP" + string.Concat(Enumerable.Repeat(" 0", 32_000)) + "\r\n" },
        { "protocols", Head + "m=audio 1 " + string.Concat(Enumerable.Repeat("RTP/", 15_000)) + "AVP 0\r\n" },
        { "attributes", Head + Media + string.Concat(Enumerable.Repeat("a=x\r\n", 12_000)) },
        { "media", Head + string.Concat(Enumerable.Repeat(Media, 2600)) },
        { "unknown lines", Head + string.Concat(Enumerable.Repeat("y=\n", 21_000)) },
        { "an e-mail address of one name", Head.Replace("t=", "e=" + new string('a', 60_000) + "\r\nt=") },
        { "an e-mail address of names", Head.Replace("t=", "e=" + string.Concat(Enumerable.Repeat("a ", 30_000)) + "<\r\nt=") },
        { "an e-mail address of dots", Head.Replace("t=", "e=" + string.Concat(Enumerable.Repeat("a.", 30_000)) + "@b\r\nt=") },
        { "an IPv6 address of colons", Head.Replace("192.0.2.1", new string(':', 60_000)) },
        { "a phone number", Head.Replace("t=", "p=" + string.Concat(Enumerable.Repeat("1 ", 30_000)) + "(\r\nt=") },
        { "a URI of escapes", Head.Replace("t=", "u=http://x/" + string.Concat(Enumerable.Repeat("%41", 20_000)) + "\r\nt=") },
        { "a URI of slashes", Head.Replace("t=", "u=" + new string('/', 60_000) + "\r\nt=") },
        { "repeats", Head + "r=1 " + string.Concat(Enumerable.Repeat("1 ", 30_000)) + "\r\n" },
        { "keys", Head + Media + "a=crypto:1 A " + string.Concat(Enumerable.Repeat("inline:A;", 7000)) + "inline:B\r\n" },
        { "session parameters", Head + Media + "a=crypto:1 A inline:A" + string.Concat(Enumerable.Repeat(" KDR=1", 10_000)) + "\r\n" },
        { "a base64 key", Head + "k=base64:" + new string('A', 60_000) + "\r\n" },
        { "events", Head + Media + "a=fmtp:0 " + string.Concat(Enumerable.Repeat("1-2,", 15_000)) + "\r\n" },
        {
            "every format looked up among as many attributes as are read",
            Head + "m=audio 1 RTP/AVP" + string.Concat(Enumerable.Range(0, SdpLimits.MaxFormats).Select(n => $" {n % 128}")) + "\r\n"
                + string.Concat(Enumerable.Repeat("a=rtpmap:127 a/1\r\na=fmtp:127 " + new string('x', 94) + "\r\n", SdpLimits.MaxLines / 2 - 3))
        },
    };

    // A plain description of 64 KiB takes some tens of microseconds; quadratic work over 64 KiB would take seconds. The bound is wide
    // enough for a busy machine, and the best of three runs counts.
    private const int MaxMilliseconds = 250;

    [Theory]
    [MemberData(nameof(Floods))]
    public void A_flood_takes_a_bounded_time(string what, string flood)
    {
        byte[] text = Encoding.UTF8.GetBytes(flood);
        ReadEverything(text, SdpLeniency.All);
        ReadEverything(text, SdpLeniency.None);
        var best = TimeSpan.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long start = Stopwatch.GetTimestamp();
            ReadEverything(text, SdpLeniency.All);
            var took = Stopwatch.GetElapsedTime(start);
            best = took < best ? took : best;
        }
        Assert.True(best.TotalMilliseconds < MaxMilliseconds, $"{what}: {best.TotalMilliseconds} ms");
    }

    [Fact]
    public void Random_octets_are_faults_not_exceptions()
    {
        var random = new Random(Seed);
        for (int i = 0; i < 200; i++)
        {
            byte[] noise = new byte[random.Next(1, 2000)];
            random.NextBytes(noise);
            byte[] text = i % 2 == 0 ? noise : [.. Encoding.UTF8.GetBytes(Head), .. noise];
            Assert.False(SdpDescription.TryRead(text, SdpLeniency.None, out _, out _));
            ReadEverything(text, SdpLeniency.All);
        }
    }

    [Fact]
    public void Mutations_of_good_descriptions_are_read_or_are_faults()
    {
        var random = new Random(Seed);
        byte[][] seeds = [.. SdpVectors.Everything().Select(v => Encoding.UTF8.GetBytes(v.Sdp))];
        byte[] interesting = "\0\r\n\t =:/;,|<>()09azAZ\x7f"u8.ToArray();
        int accepted = 0, refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            var text = new List<byte>(seeds[random.Next(seeds.Length)]);
            for (int edits = random.Next(1, 4); edits > 0 && text.Count > 1; edits--)
            {
                int at = random.Next(text.Count);
                switch (random.Next(4))
                {
                    case 0: text.RemoveAt(at); break;
                    case 1: text[at] = interesting[random.Next(interesting.Length)]; break;
                    case 2: text.Insert(at, (byte)random.Next(256)); break;
                    default: text.RemoveRange(at, Math.Min(text.Count - at, random.Next(20))); break;
                }
            }
            byte[] octets = [.. text];
            ReadEverything(octets, (SdpLeniency)random.Next((int)SdpLeniency.All + 1));
            if (SdpDescription.TryRead(octets, SdpLeniency.All, out _, out _))
                accepted++;
            else
                refused++;
        }
        Assert.True(accepted > 1000, $"{accepted} accepted");
        Assert.True(refused > 1000, $"{refused} refused");
    }

    [Fact]
    public void What_is_read_strictly_is_read_the_same_with_all_leniencies()
    {
        int exceptions = 0;
        foreach (var (_, sdp) in SdpVectors.Everything())
        {
            byte[] text = Encoding.UTF8.GetBytes(sdp.Replace("\r\ns=\r\n", "\r\ns=-\r\n"));
            if (!SdpDescription.TryRead(text, SdpLeniency.None, out _, out _))
            {
                exceptions++;
                continue;
            }
            Assert.Equal(ReadEverything(text, SdpLeniency.None), ReadEverything(text, SdpLeniency.All));
        }
        // RFC 3264 §8.4, whose lines are out of order.
        Assert.Equal(1, exceptions);
    }

    [Fact]
    public void A_description_cut_anywhere_is_read_or_is_a_fault_within_the_text()
    {
        byte[] whole = SdpVectors.Printed("rfc-examples.json", "RFC 8866 section 5");
        for (int length = 0; length < whole.Length; length++)
            ReadEverything(whole[..length], SdpLeniency.All);
        for (int length = 0; length < whole.Length; length++)
        {
            bool isRead = SdpDescription.TryRead(whole[..length], SdpLeniency.None, out _, out _);
            // Whole are only those that end with a line from the t= line on.
            string text = Encoding.UTF8.GetString(whole, 0, length);
            Assert.Equal(text.EndsWith("\r\n") && text.Contains("\r\nt="), isRead);
        }
    }
}
