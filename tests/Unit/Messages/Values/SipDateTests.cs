// The Date header: RFC 3261 §20.17, against the framework's calendar, which is the reference.
using System.Globalization;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Messages.Values;

public sealed class SipDateTests
{
    private static SipDateOutcome Read(string text, out long seconds)
    {
        byte[] octets = Octets.Of("Date: " + text);
        int end = Date.Match(octets, 6, 0, out var date);
        Assert.True(end == octets.Length, text);
        return SipDate.Read(date, octets, out seconds);
    }

    private static string Written(long seconds)
    {
        var writer = new ByteWriter(new byte[SipDate.Length]);
        SipDate.Write(ref writer, seconds);
        Assert.False(writer.Overflowed);
        Assert.Equal(SipDate.Length, writer.Written);
        return Octets.ToText(writer.WrittenSpan);
    }

    [Theory]
    [InlineData("Sat, 13 Nov 2010 23:29:00 GMT", 1289690940)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    [InlineData("Wed, 31 Dec 1969 23:59:59 GMT", -1)]
    [InlineData("Tue, 29 Feb 2000 12:00:00 GMT", 951825600)]
    [InlineData("Tue, 19 Jan 2038 03:14:08 GMT", 2147483648)]
    [InlineData("Sat, 01 Jan 0000 00:00:00 GMT", SipDate.MinUnixSeconds)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", SipDate.MaxUnixSeconds)]
    public void A_date_is_seconds_and_back(string text, long seconds)
    {
        Assert.Equal(SipDateOutcome.Valid, Read(text, out long read));
        Assert.Equal(seconds, read);
        Assert.Equal(text, Written(seconds));
    }

    [Fact]
    public void Every_day_of_eight_centuries_agrees_with_the_frameworks_calendar()
    {
        for (var day = new DateTime(1600, 1, 1, 13, 7, 59, DateTimeKind.Utc); day.Year < 2401; day = day.AddDays(1))
        {
            long seconds = new DateTimeOffset(day).ToUnixTimeSeconds();
            string text = day.ToString("r", CultureInfo.InvariantCulture);
            Assert.Equal(text, Written(seconds));
            Assert.Equal(SipDateOutcome.Valid, Read(text, out long read));
            Assert.Equal(seconds, read);
        }
    }

    [Fact]
    public void A_leap_second_is_the_second_after_the_last()
    {
        Assert.Equal(SipDateOutcome.Valid, Read("Sat, 31 Dec 2016 23:59:60 GMT", out long leap));
        Assert.Equal(SipDateOutcome.Valid, Read("Sun, 01 Jan 2017 00:00:00 GMT", out long next));
        Assert.Equal(next, leap);
    }

    [Fact]
    public void A_weekday_that_contradicts_is_reported_with_the_dates_seconds()
    {
        Assert.Equal(SipDateOutcome.WeekdayContradicts, Read("Sun, 13 Nov 2010 23:29:00 GMT", out long seconds));
        Assert.Equal(1289690940, seconds);
    }

    [Theory]
    [InlineData("Tue, 30 Feb 2010 00:00:00 GMT")]
    [InlineData("Mon, 29 Feb 2100 00:00:00 GMT")]
    [InlineData("Sat, 00 Nov 2010 00:00:00 GMT")]
    [InlineData("Wed, 31 Apr 2010 00:00:00 GMT")]
    [InlineData("Sat, 13 Nov 2010 23:29:60 GMT")]
    [InlineData("sat, 13 Nov 2010 23:29:00 GMT")]
    [InlineData("Sat, 13 NOV 2010 23:29:00 GMT")]
    [InlineData("Sat, 13 Nov 2010 23:29:00 gmt")]
    public void What_is_no_date_is_invalid(string text) => Assert.Equal(SipDateOutcome.Invalid, Read(text, out _));

    [Theory]
    [InlineData("Sat, 13 Nov 2010 23:29:00 EST")]
    [InlineData("Sat, 13 Nov 2010 24:00:00 GMT")]
    [InlineData("Sat, 13 Nov 2010 23:60:00 GMT")]
    [InlineData("Sat, 13 Nov 2010 23:29:61 GMT")]
    [InlineData("Sat, 32 Nov 2010 23:29:00 GMT")]
    [InlineData("Saturday, 13-Nov-10 23:29:00 GMT")]
    public void What_the_grammar_refuses_never_gets_here(string text) =>
        Assert.False(Date.TryParse(Octets.Of(text), out _, out _));

    [Theory]
    [InlineData(SipDate.MinUnixSeconds - 1)]
    [InlineData(SipDate.MaxUnixSeconds + 1)]
    public void A_year_without_four_digits_cannot_be_written(long seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Written(seconds));
}
