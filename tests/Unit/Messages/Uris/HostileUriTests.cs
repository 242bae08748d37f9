// URIs of 64 KiB made to cost time: each is compared in time that no more than linear work can keep, and none of it allocates.
using System.Diagnostics;
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Uris;
using Xunit;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class HostileUriTests
{
    private const int Octets64K = Slice.MaxTextLength;

    // Twenty times what a debug build takes at most, a fraction of what quadratic work over 64 KiB takes there (tens of seconds).
    private const int MaxMilliseconds = 1_000;

    // Text that is as long as a slice allows, in two spellings that differ only at the end, or that must be compared in full.
    public static TheoryData<string, string, string> Pairs()
    {
        string Filled(string head, string unit, string tail) =>
            head + string.Concat(Enumerable.Repeat(unit, (Octets64K - head.Length - tail.Length) / unit.Length)) + tail;
        string Names(IEnumerable<int> numbers, char letter, string tail) =>
            "sip:h.example" + string.Concat(numbers.Select(i => ";" + new string(letter, 1000) + i % 7 + "." + i + tail));
        var numbers = Enumerable.Range(0, UriComparison.MaxComponents).ToList();
        return new()
        {
            { "escapes", Filled("sip:", "%61", "@h.example"), Filled("sip:", "%61", "b@h.example") },
            { "a long user", Filled("sip:", "a", "@h.example"), Filled("sip:", "a", "b@h.example") },
            { "parameters without names", Filled("sip:h.example", ";a", ""), Filled("sip:h.example", ";a", ";b") },
            { "parameters with one name", Filled("sip:h.example", ";a=1", ""), Filled("sip:h.example", ";a=1", ";b") },
            { "names with one beginning", Names(numbers, 'a', ""), Names(Enumerable.Reverse(numbers), 'a', "=1") },
            { "names that all match", Names(numbers, 'a', ""), Names(Enumerable.Reverse(numbers), 'A', "") },
            { "headers", Filled("sip:h.example?a=1", "&a=1", ""), Filled("sip:h.example?a=1", "&a=1", "&b=1") },
            { "one long header", Filled("sip:h.example?subject=", "%22%5C%22", ""),
                Filled("sip:h.example?subject=", "%22%5C%22", "x") },
            { "addresses in headers", Addresses("x"), Addresses("y") },
            { "dots", Filled("http://h", "/a/..", "/a"), Filled("http://h", "/a/..", "/b") },
            { "parents", Filled("http://h", "/..", "/a"), Filled("http://h", "/..", "/b") },
            { "slashes", Filled("http://h", "/", "a"), Filled("http://h", "/", "b") },
            { "digits", Filled("tel:+1", "-1", ""), Filled("tel:+1", "1", "") },
            { "separators", Filled("tel:+1", "-", ""), Filled("tel:+1", ".", "2") },
            { "contexts", Filled("tel:1", ";phone-context=a", ""), Filled("tel:1", ";phone-context=a", ";b") },
        };
    }

    private static string Addresses(string end)
    {
        string parameters = string.Concat(Enumerable.Range(0, 60).Select(i => $"%3Baaa{i}"));
        return "sip:h.example?to=%3Csip:h%3E" + parameters
            + string.Concat(Enumerable.Range(0, 60).Select(_ => "&to=%3Csip:h%3E" + parameters + end));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_long_uri_is_compared_in_linear_time_and_without_allocation(string what, string left, string right)
    {
        byte[] first = Encoding.ASCII.GetBytes(left), second = Encoding.ASCII.GetBytes(right);
        Assert.True(SipUri.TryParse(first, out var one, out var fault), $"{what}: {fault.Rule} at {fault.Offset}");
        Assert.True(SipUri.TryParse(second, out var other, out fault), $"{what}: {fault.Rule} at {fault.Offset}");
        Assert.True(UriComparison.AreEqual(one, first, one, first));
        UriComparison.AreEqual(one, first, other, second);

        long before = HeapCount.Begin();
        var best = TimeSpan.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long start = Stopwatch.GetTimestamp();
            UriComparison.AreEqual(one, first, other, second);
            UriComparison.AreEqual(other, second, one, first);
            var took = Stopwatch.GetElapsedTime(start);
            best = took < best ? took : best;
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(best.TotalMilliseconds < MaxMilliseconds, $"{what}: {best.TotalMilliseconds} ms");
    }

    [Fact]
    public void Names_that_all_match_in_another_order_and_case_are_equal()
    {
        var pair = Pairs().Select(row => (object[])row).Single(row => (string)row[0] == "names that all match");
        Assert.True(UriComparison.AreEqual(Encoding.ASCII.GetBytes((string)pair[1]), Encoding.ASCII.GetBytes((string)pair[2])));
    }

    [Fact]
    public void Random_octets_are_refused_or_equal_themselves()
    {
        var random = new Random(4475);
        string[] pieces =
        [
            "sip:", "sips:", "tel:+1", "x:",
            "a", "@", ":", ";", "=", "?", "&", "%", "%41", "%00", "[", "]", "::1", "h.example", "1", "lr", "/", "..", "\"", "\\",
            " ", "\0", "\xFF",
        ];
        int parsed = 0;
        for (int i = 0; i < 50_000; i++)
        {
            var rest = Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(4, pieces.Length)]);
            byte[] text = Octets.Of(pieces[random.Next(4)] + string.Concat(rest));
            bool valid = SipUri.TryParse(text, out _, out _);
            parsed += valid ? 1 : 0;
            Assert.Equal(valid, UriComparison.AreEqual(text, (byte[])text.Clone()));
        }
        Assert.True(parsed > 1_000);
    }
}
