// Reports of events, octet by octet (RFC 4733 §2.3, §3.2).
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Keys;

public class TelephoneEventTests
{
    [Fact]
    public void A_report_is_read_as_figure_1_draws_it()
    {
        // The event of RFC 4733 figure 5: digit 1, end, volume 20, 1,760 units.
        Assert.True(TelephoneEvent.TryRead([1, 0x80 | 20, 0x06, 0xE0], out var report));
        Assert.Equal(new TelephoneEvent { Event = 1, IsEnd = true, Volume = 20, Duration = 1_760 }, report);
    }

    [Fact]
    public void The_reserved_bit_is_ignored_and_never_sent()
    {
        Assert.True(TelephoneEvent.TryRead([11, 0x40 | 63, 0, 1], out var report));
        Assert.Equal(63, report.Volume);
        Assert.False(report.IsEnd);
        Span<byte> written = stackalloc byte[4];
        Assert.Equal(4, report.Write(written));
        Assert.Equal(63, written[1]);
    }

    [Fact]
    public void Every_report_is_read_as_it_was_written()
    {
        Span<byte> octets = stackalloc byte[TelephoneEvent.Length];
        for (int i = 0; i < 0x10000; i++)
        {
            var report = new TelephoneEvent { Event = (byte)(i >> 8), IsEnd = (i & 0x80) != 0, Volume = (byte)(i & 63), Duration = (ushort)(i * 31) };
            Assert.Equal(TelephoneEvent.Length, report.Write(octets));
            Assert.True(TelephoneEvent.TryRead(octets, out var read));
            Assert.Equal(report, read);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void What_is_too_short_is_neither_read_nor_written(int length)
    {
        Assert.False(TelephoneEvent.TryRead(new byte[length], out _));
        Assert.Equal(0, default(TelephoneEvent).Write(new byte[length]));
    }

    [Fact]
    public void Keys_have_the_numbers_of_table_3()
    {
        string keys = "0123456789*#ABCD!";
        for (int code = 0; code < 256; code++)
        {
            Assert.Equal(code < keys.Length, TelephoneKeys.TryGetKey((byte)code, out byte key));
            Assert.Equal(code < keys.Length ? (byte)keys[code] : 0, key);
        }
        for (int key = 0; key < 256; key++)
        {
            int code = keys.IndexOf((char)key);
            Assert.Equal(code >= 0, TelephoneKeys.TryGetEvent((byte)key, out byte found));
            Assert.Equal(Math.Max(code, 0), found);
        }
    }
}
