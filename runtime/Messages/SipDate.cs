// The Date header as seconds and back (RFC 3261 §20.17: rfc1123-date, always GMT). The calendar is worked out here because below
// the host layer nothing knows a clock or its types.
//
// note [days from a date]
// Years begin in March, so that a leap day is a year's last. Months then repeat in fives of 153 days (31 30 31 30 31), and 400
// years have 146097 days; both give a day's number by multiplication and division alone.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>The months as RFC 3261 §25.1 writes them; January is 1.</summary>
[Vocabulary("month", "Month")]
public static partial class Months;

/// <summary>The days of the week as RFC 3261 §25.1 writes them; Monday is 1.</summary>
[Vocabulary("wkday", "Weekday")]
public static partial class Weekdays;

/// <summary>What reading a date found.</summary>
public enum SipDateOutcome : byte
{
    Valid,

    /// <summary>The date is one, but falls on another day of the week than it says; its seconds are given all the same.</summary>
    WeekdayContradicts,

    /// <summary>There is no such day, no such second, or a word is not in the case that RFC 3261 §20.17 demands.</summary>
    Invalid,
}

public static class SipDate
{
    /// <summary>The octets of every date: <c>Sat, 13 Nov 2010 23:29:00 GMT</c>.</summary>
    public const int Length = 29;

    /// <summary>The first second that four digits of a year can write: 0000-01-01 00:00:00.</summary>
    public const long MinUnixSeconds = -62167219200;

    /// <summary>The last second that they can write: 9999-12-31 23:59:59.</summary>
    public const long MaxUnixSeconds = 253402300799;

    private const int SecondsOfDay = 86400;
    private const int DaysOfEra = 146097;
    private const int YearsOfEra = 400;

    /// <summary>Days from the first of March of year 0, where the eras begin, to the first of January 1970.</summary>
    private const int DaysToEpoch = 719468;

    /// <summary>
    /// The date in seconds since 1970-01-01 00:00:00, in which no leap second counts: 23:59:60 is the second after 23:59:59, as
    /// 00:00:00 of the next day is. No other minute has a second 60.
    /// </summary>
    public static SipDateOutcome Read(in Date date, ReadOnlySpan<byte> text, out long unixSeconds)
    {
        unixSeconds = 0;
        var month = Months.Parse(date.Month.In(text));
        var weekday = Weekdays.Parse(date.Weekday.In(text));
        bool isLeapSecond = date.Second == 60;
        if (month == Month.Other || weekday == Weekday.Other || date.Day == 0 || date.Day > DaysOf(month, date.Year)
            || date.Hour > 23 || date.Minute > 59 || date.Second > 60 || isLeapSecond && (date.Hour != 23 || date.Minute != 59))
            return SipDateOutcome.Invalid;
        // RFC 3261 §20.17: "An RFC 1123 date is case-sensitive"; the ABNF's words are not.
        if (!date.Month.In(text).SequenceEqual(Months.NameOf(month))
            || !date.Weekday.In(text).SequenceEqual(Weekdays.NameOf(weekday))
            || !date.Extent.In(text).EndsWith("GMT"u8))
            return SipDateOutcome.Invalid;
        int days = DaysFrom(date.Year, (int)month, date.Day);
        unixSeconds = (long)days * SecondsOfDay + date.Hour * 3600 + date.Minute * 60 + date.Second;
        return WeekdayOf(days) == weekday ? SipDateOutcome.Valid : SipDateOutcome.WeekdayContradicts;
    }

    /// <summary>
    /// Writes the date at <paramref name="unixSeconds"/>, from <see cref="MinUnixSeconds"/> to <see cref="MaxUnixSeconds"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The year is none of four digits.</exception>
    public static void Write(ref ByteWriter writer, long unixSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(unixSeconds, MinUnixSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unixSeconds, MaxUnixSeconds);
        int days = (int)((unixSeconds - MinUnixSeconds) / SecondsOfDay + MinUnixSeconds / SecondsOfDay);
        int second = (int)(unixSeconds - (long)days * SecondsOfDay);
        Civil(days, out int year, out int month, out int day);
        writer.Write(Weekdays.NameOf(WeekdayOf(days)));
        writer.Write(", "u8);
        WriteDigits(ref writer, day, 10);
        writer.Write((byte)' ');
        writer.Write(Months.NameOf((Month)month));
        writer.Write((byte)' ');
        WriteDigits(ref writer, year, 1000);
        writer.Write((byte)' ');
        WriteDigits(ref writer, second / 3600, 10);
        writer.Write((byte)':');
        WriteDigits(ref writer, second / 60 % 60, 10);
        writer.Write((byte)':');
        WriteDigits(ref writer, second % 60, 10);
        writer.Write(" GMT"u8);
    }

    private static void WriteDigits(ref ByteWriter writer, int value, int unit)
    {
        for (; unit > 0; unit /= 10)
            writer.Write((byte)('0' + value / unit % 10));
    }

    private static int DaysOf(Month month, int year) => month switch
    {
        Month.Feb => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        Month.Apr or Month.Jun or Month.Sep or Month.Nov => 30,
        _ => 31,
    };

    // Days since 1970-01-01, which was a Thursday (see note [days from a date]).
    private static int DaysFrom(int year, int month, int day)
    {
        year -= month <= 2 ? 1 : 0;
        int era = (year >= 0 ? year : year - (YearsOfEra - 1)) / YearsOfEra;
        int yearOfEra = year - era * YearsOfEra;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * DaysOfEra + dayOfEra - DaysToEpoch;
    }

    private static void Civil(int days, out int year, out int month, out int day)
    {
        days += DaysToEpoch;
        int era = (days >= 0 ? days : days - (DaysOfEra - 1)) / DaysOfEra;
        int dayOfEra = days - era * DaysOfEra;
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / (DaysOfEra - 1)) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int monthFromMarch = (5 * dayOfYear + 2) / 153;
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        year = yearOfEra + era * YearsOfEra + (month <= 2 ? 1 : 0);
    }

    private static Weekday WeekdayOf(int days) => (Weekday)(((days + 3) % 7 + 7) % 7 + 1);
}
