// bench/run hostile: reading and checking a hostile message takes time in proportion to its length. Two measures, both ratios of one run: how
// many times longer than a plain message of 64 KiB, and how many times longer at 64 KiB than at 16 KiB (4 is linear).
using System.Diagnostics;
using System.Globalization;
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Limits;

namespace SipEmbedded.Bench.Micro;

internal static class HostileRun
{
    private const int LongOctets = 64_000;
    private const int ShortOctets = 16_000;

    /// <summary>What no hostile message of 64 KiB may exceed, as a multiple of a plain one of that size.</summary>
    private const double MostTimesPlain = 6;

    /// <summary>Four times the length in at most this many times the time: quadratic would be 16.</summary>
    private const double MostGrowth = 6;

    private const int Rounds = 15;

    public static int Run()
    {
        double plain = Microseconds(Plain(LongOctets));
        Console.WriteLine(Line("what", "us at 64 KiB", "times plain", "64/16 KiB"));
        Console.WriteLine(Line("plain message", Number(plain), "1.0", Number(plain / Microseconds(Plain(ShortOctets)))));
        double worstTimes = 0, worstGrowth = 0;
        foreach (var (what, start, piece, end) in HostileLines.All)
        {
            double time = Microseconds(Encoding.UTF8.GetBytes(HostileLines.Message(start, piece, end, LongOctets)));
            double growth = time / Microseconds(Encoding.UTF8.GetBytes(HostileLines.Message(start, piece, end, ShortOctets)));
            worstTimes = Math.Max(worstTimes, time / plain);
            worstGrowth = Math.Max(worstGrowth, growth);
            Console.WriteLine(Line(what, Number(time), Number(time / plain), Number(growth)));
        }
        Console.WriteLine($"wanted: at most {Number(MostTimesPlain)} times plain, and {Number(MostGrowth)} times from 16 to 64 KiB");
        Console.WriteLine($"worst_times={Number(worstTimes)} worst_growth={Number(worstGrowth)}");
        return worstTimes <= MostTimesPlain && worstGrowth <= MostGrowth ? 0 : 1;
    }

    // Ordinary lines up to the size: routes and vias of many proxies, as many as a message may have.
    private static byte[] Plain(int octets)
    {
        var text = new StringBuilder(HostileLines.Head);
        const string Route = "<sip:proxy.example.com:5060;transport=tcp;lr>";
        const string Via = "SIP/2.0/TCP proxy.example.com:5060;branch=z9hG4bK4f8a.d21b7e05.0;received=192.0.2.7;rport=5060";
        int line = octets / 120;
        for (int i = 0; text.Length < octets; i++)
        {
            string value = i % 2 == 0 ? Route : Via;
            text.Append(i % 2 == 0 ? "Route: " : "Via: ").AppendJoin(", ", Enumerable.Repeat(value, Math.Max(1, line / value.Length))).Append("\r\n");
        }
        text.Length -= 2;
        return Encoding.UTF8.GetBytes(text.Append(HostileLines.Tail).ToString());
    }

    // The least of several rounds: what the work costs when nothing disturbs it.
    private static double Microseconds(byte[] message)
    {
        var index = new MessageIndex();
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            foreach (var fault in MessageCheck.Of(message, Framing.Datagram, ref index))
                _ = fault;
            foreach (var fault in MessageCheck.Of(message, Framing.Datagram, ref index, Leniency.None))
                _ = fault;
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
        return least;
    }

    private static string Line(params ReadOnlySpan<string> cells) =>
        $"{cells[0],-36} {cells[1],14} {cells[2],12} {cells[3],10}";

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
