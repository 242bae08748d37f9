// The figures as tables, and as the last line for scripts.

using System.Globalization;
using SipEmbedded.Bench.Peers;

namespace SipEmbedded.Bench.Load;

/// <summary>One rate: every contender at it.</summary>
internal sealed record RateFigures(double Rate, Dictionary<Contender, LoadResult> Results);

internal sealed record Figures(
    Contender Ours, Contender Sipp, Contender Floor, RateFigures[] Rates, RateFigures[] Sessions, Contender OursSessions, Contender SippSessions,
    (Contender Contender, HighestRate Highest)[] Highest, (Contender Contender, SippResult Result)[] SippCalls, (int Live, LoadResult Result)[] ServedCurve,
    (int Live, LoadResult Result)[] ServedCalls, CoreResult Core)
{
    public IEnumerable<Table> Tables()
    {
        foreach (var rate in Rates)
            yield return AtRate(rate);
        yield return SessionTable();
        yield return HighestRates();
        yield return BySipp();
        yield return Curve();
        yield return CallCurve();
        yield return CoreTable();
    }

    private Table AtRate(RateFigures figures)
    {
        double floor = figures.Results[Floor].ServerMicroseconds, sipp = figures.Results[Sipp].ServerMicroseconds;
        List<string[]> rows = [.. figures.Results.Select(pair => new[]
        {
            pair.Key.Name, pair.Value.ServerMicroseconds.ToString("F2", CultureInfo.InvariantCulture), Ratio(pair.Value.ServerMicroseconds, sipp),
            Ratio(pair.Value.ServerMicroseconds, floor), pair.Value["user_part"].ToString("P0", CultureInfo.InvariantCulture),
            $"{pair.Value["sent"]:F2} / {pair.Value["received"]:F2}", pair.Value["sleeps"].ToString("F2", CultureInfo.InvariantCulture),
            Text(pair.Value["setup_p50_us"]), Text(pair.Value["setup_p99_us"]), Text(pair.Value["failed"]), Text(pair.Value["repeated_calls"]),
        })];
        return new(
            $"Processor time a call at {figures.Rate:F0} calls a second, µs",
            ["server", "µs a call", "to sipp", "to floor", "in user mode", "datagrams in / out", "sleeps a call", "200 after, µs", "99 % within", "failed", "sent again"],
            rows,
            [
                "Wanted of ours: at most 0.50 of sipp, less than 2.00 of the floor. The floor is the C echo, one datagram at a time, given the requests of a call. "
                    + "NaN: overrun at this rate.",
            ]);
    }

    private Table SessionTable() => new(
        "Calls with SDP and session timers: processor time a call, µs",
        ["calls a second", "server", "µs a call", "to sipp", "in user mode", "sleeps a call", "200 after, µs", "99 % within", "failed", "sent again"],
        [.. Sessions.SelectMany(figures => figures.Results.Select(pair => new[]
        {
            Text(figures.Rate), pair.Key.Name, pair.Value.ServerMicroseconds.ToString("F2", CultureInfo.InvariantCulture),
            Ratio(pair.Value.ServerMicroseconds, figures.Results[SippSessions].ServerMicroseconds),
            pair.Value["user_part"].ToString("P0", CultureInfo.InvariantCulture), pair.Value["sleeps"].ToString("F2", CultureInfo.InvariantCulture),
            Text(pair.Value["setup_p50_us"]), Text(pair.Value["setup_p99_us"]), Text(pair.Value["failed"]), Text(pair.Value["repeated_calls"]),
        }))],
        [
            "The INVITE asks for a session timer of 1,800 s and offers audio. Wanted of ours: at most 0.80 of sipp, which reads neither. baresip opens two sockets "
                + "for each call, and has no sound card here.",
        ]);

    private Table HighestRates() => new(
        "Highest rate without a failed call, with SDP and session timers",
        ["server", "calls a second", "µs a call", "resident, MB", "what ended the search"],
        [.. Highest.Select(pair => new[]
        {
            pair.Contender.Name, pair.Highest.Rate.ToString("F0", CultureInfo.InvariantCulture),
            pair.Highest.Result?.ServerMicroseconds.ToString("F2", CultureInfo.InvariantCulture) ?? "",
            pair.Highest.Result is { } result ? (result["resident_after"] / 1e6).ToString("F0", CultureInfo.InvariantCulture) : "", pair.Highest.Limit,
        })],
        ["A trial is clean when no call failed and at most one in a thousand needed a request again."]);

    private Table BySipp() => new(
        $"Driven by sipp -sn uac at {SippCaller.Rate:F0} calls a second",
        ["server", "successful", "failed", "sent again", "µs a call"],
        [.. SippCalls.Select(pair => new[]
        {
            pair.Contender.Name, Text(pair.Result.Successful), Text(pair.Result.Failed), Text(pair.Result.Retransmissions),
            pair.Result.ServerMicroseconds.ToString("F2", CultureInfo.InvariantCulture),
        })],
        []);

    private Table Curve()
    {
        double core = Core.Curve[0].Microseconds;
        double served = ServedCurve.Length > 0 ? ServedCurve[0].Result.ServerMicroseconds : 1;
        return new(
            "Cost of a call over live transactions, µs",
            ["live", "core", "to the first", "served", "to the first"],
            [.. Core.Curve.Select(point =>
            {
                var at = ServedCurve.Where(entry => entry.Live == point.Live).Select(entry => entry.Result.ServerMicroseconds).ToArray();
                return new[]
                {
                    Text(point.Live), point.Microseconds.ToString("F2", CultureInfo.InvariantCulture), Ratio(point.Microseconds, core),
                    at.Length > 0 ? at[0].ToString("F2", CultureInfo.InvariantCulture) : "", at.Length > 0 ? Ratio(at[0], served) : "",
                };
            })],
            [
                "Wanted: within 15 %. Core: by a counted clock, so many live all the time. Served: over sockets at "
                    + $"{Trials.ModerateRate:F0} calls a second, so many live before it is warmed; each call leaves two more.",
            ]);
    }

    private Table CallCurve()
    {
        double core = Core.CallCurve[0].Microseconds, served = ServedCalls[0].Result.ServerMicroseconds;
        return new(
            "Cost of a call over calls that last, µs",
            ["calls", "core", "to the first", "served", "to the first", .. Core.Instructions.Length > 0 ? ["instructions", "to the first"] : Array.Empty<string>()],
            [.. Core.CallCurve.Select((point, i) => (string[])[
                Text(point.Live), point.Microseconds.ToString("F2", CultureInfo.InvariantCulture), Ratio(point.Microseconds, core),
                ServedCalls[i].Result.ServerMicroseconds.ToString("F2", CultureInfo.InvariantCulture), Ratio(ServedCalls[i].Result.ServerMicroseconds, served),
                .. Core.Instructions.Length == 0 ? Array.Empty<string>()
                    : [Text(Core.Instructions[i].Instructions), Ratio(Core.Instructions[i].Instructions, Core.Instructions[0].Instructions)],
            ])],
            ["Wanted: flat. So many calls are established and stay, with session timers, while others come and go as in the curve above."]);
    }

    private Table CoreTable() => new(
        "The answering agent by itself, without host and sockets",
        ["figure", "value"],
        [
            ["calls", Text(Core.Calls)],
            ["µs a call", (Core.NanosecondsEach / 1000).ToString("F2", CultureInfo.InvariantCulture)],
            ["bytes allocated in all of them", Text(Core.AllocatedBytes)],
            ["garbage collections", Text(Core.Collections)],
            ["bytes a transaction, planned", Core.PlannedBytes.ToString("F0", CultureInfo.InvariantCulture)],
            ["bytes a transaction, seen in memory", Core.ResidentBytes.ToString("F0", CultureInfo.InvariantCulture)],
            ["bytes a call, planned", Core.PlannedCallBytes.ToString("F0", CultureInfo.InvariantCulture)],
            ["bytes a call that lasts, seen in memory", Core.ResidentCallBytes.ToString("F0", CultureInfo.InvariantCulture)],
        ],
        [
            "A transaction: its slot, its part of the indexes, two timers and the buffer of its retained message, 512 octets for a BYE and 1,024 for an INVITE. A call: "
                + "its slots, four buffers, and the transactions that it may have at once. Wanted: at most 6,144 bytes a call.",
        ]);

    public string LastLine()
    {
        var moderate = Rates[0].Results;
        var high = Rates[^1].Results;
        var sessions = Sessions.First(figures => figures.Rate == Trials.ModerateRate).Results;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"ours_us={moderate[Ours].ServerMicroseconds:F2} sipp_us={moderate[Sipp].ServerMicroseconds:F2} floor_us={moderate[Floor].ServerMicroseconds:F2} "
            + $"rate={Highest.First(pair => pair.Contender == OursSessions).Highest.Rate:F0} bytes={Core.PlannedBytes:F0} "
            + $"ours_high_us={high[Ours].ServerMicroseconds:F2} sipp_high_us={high[Sipp].ServerMicroseconds:F2} floor_high_us={high[Floor].ServerMicroseconds:F2} "
            + $"sipp_rate={Highest.First(pair => pair.Contender == SippSessions).Highest.Rate:F0} core_us={Core.NanosecondsEach / 1000:F2} "
            + $"allocated={Core.AllocatedBytes} calls_us={sessions[OursSessions].ServerMicroseconds:F2} calls_sipp_us={sessions[SippSessions].ServerMicroseconds:F2} "
            + $"calls_high_us={Sessions[^1].Results[OursSessions].ServerMicroseconds:F2} "
            + $"calls_sipp_high_us={Sessions[^1].Results[SippSessions].ServerMicroseconds:F2} call_bytes={Core.PlannedCallBytes:F0}");
    }

    private static string Ratio(double value, double of) => (value / of).ToString("F2", CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("F0", CultureInfo.InvariantCulture);
}
