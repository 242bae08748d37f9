// The tables of nanoseconds: the corpus with ratios against what is wanted, the SDP bodies, and every message alone.

using System.Globalization;

namespace SipEmbedded.Bench.Peers;

/// <param name="Ours">The build that runs: OptimizationPreference Speed.</param>
/// <param name="OursSize">The other build: OptimizationPreference Size.</param>
/// <param name="Peers">Each with the ratio of its mean to ours that this project wants to reach.</param>
/// <param name="Copy">Takes the copy's time alone.</param>
internal sealed record Field(
    OurContender Ours, OtherBuild OursSize, (PeerContender Contender, double Wanted)[] Peers, PeerContender Copy)
{
    /// <summary>In the order in which they take turns.</summary>
    public IReadOnlyList<Contender> All => [Ours, OursSize, .. Peers.Select(peer => peer.Contender), Copy];

    /// <summary>Everyone who parses: all but the copy.</summary>
    public IReadOnlyList<Contender> Parsers => [.. All.SkipLast(1)];
}

internal static class TimeTables
{
    // The routing view is wanted at no more than this share of the full parse.
    private const double WantedRoutingShare = 0.5;

    public static Table Corpus(Field field, Figures figures, CorpusMessage[] corpus)
    {
        string[] heading =
        [
            "message", "bytes", .. field.Parsers.Select(c => c.Name),
            "routing " + field.Ours.Name, "routing " + field.OursSize.Name, "copy",
        ];
        List<string[]> rows = [];
        for (int i = 0; i < corpus.Length; i++)
        {
            int message = i;
            rows.Add(
            [
                corpus[i].Name, Number(corpus[i].Bytes.Length, "F0"),
                .. field.Parsers.Select(c => Ns(figures.Ns(c, Work.Full, message))),
                Ns(figures.Ns(field.Ours, Work.Routing, message)), Ns(figures.Ns(field.OursSize, Work.Routing, message)),
                Ns(figures.Ns(field.Copy, Work.Full, message)),
            ]);
        }
        rows.Add(
        [
            "mean", Number(corpus.Average(m => m.Bytes.Length), "F0"),
            .. field.Parsers.Select(c => Ns(figures.MeanNs(c, Work.Full))),
            Ns(figures.MeanNs(field.Ours, Work.Routing)), Ns(figures.MeanNs(field.OursSize, Work.Routing)),
            Ns(figures.MeanNs(field.Copy, Work.Full)),
        ]);

        rows.Add(
        [
            "mean of ours, peer's headers", "", "", "",
            .. field.Peers.Select(p => Ns(figures.MeanNs(field.Ours, SameWork(p.Contender)))), "", "", "",
        ]);
        rows.Add(
        [
            "ratio, peer's headers", "", "", "",
            .. field.Peers.Select(p => Number(figures.MeanNs(p.Contender, Work.Full)!.Value / figures.MeanNs(field.Ours, SameWork(p.Contender))!.Value, "F2")),
            "", "", "",
        ]);
        foreach (Contender ours in new Contender[] { field.Ours, field.OursSize })
        {
            double full = figures.MeanNs(ours, Work.Full)!.Value;
            string routing = Number(figures.MeanNs(ours, Work.Routing)!.Value / full, "F2");
            rows.Add(
            [
                "ratio, all headers, to " + ours.Name, "", "", "",
                .. field.Peers.Select(p => Number(figures.MeanNs(p.Contender, Work.Full)!.Value / full, "F2")),
                ours == field.Ours ? routing : "", ours == field.Ours ? "" : routing, "",
            ]);
        }
        string share = "at most " + Number(WantedRoutingShare, "0.0#");
        rows.Add(["wanted", "", "", "", .. field.Peers.Select(p => "at least " + Number(p.Wanted, "0.#")), share, share, ""]);

        return new Table("Parsing, ns per message", heading, rows,
        [
            $"Median of {figures.RoundCount} interleaved rounds; the middle half of the rounds spreads over "
                + string.Join(", ", field.Parsers.Select(c => $"{c.Name} {Number(figures.Spread(c, Work.Full) * 100, "F0")} %"))
                + ".",
            "Full: start line and every header that the parser types unasked, body not parsed. sofia and libre receive into a "
                + "buffer of their own: the copy that feeds it is taken off their figures.",
            "Peer's headers: osip2 types 24 headers and libre 7, the rest they keep as text; ours then types the same ones. sofia types all.",
            "Routing (start line, top Via, From and To tags, Call-ID, CSeq): no peer has such a path, all parse eagerly; "
                + "ratio to our own full parse.",
        ]);
    }

    /// <summary>Ours with just the headers that the peer types: sofia types all of them.</summary>
    private static Work SameWork(Contender peer) => peer.Name switch
    {
        "osip2" => Work.FullAsOsip2,
        "libre" => Work.FullAsLibre,
        _ => Work.Full,
    };

    public static Table Sdp(Field field, Figures figures, CorpusMessage[] corpus)
    {
        List<string[]> rows = [];
        for (int i = 0; i < corpus.Length; i++)
        {
            int message = i;
            if (corpus[i].Has(Work.Sdp))
                rows.Add(
                [
                    corpus[i].Name, Number(corpus[i].Body.Length, "F0"),
                    .. field.Parsers.Select(c => Ns(figures.Ns(c, Work.Sdp, message))),
                ]);
        }
        rows.Add(
        [
            "mean", Number(corpus.Where(m => m.Has(Work.Sdp)).Average(m => m.Body.Length), "F0"),
            .. field.Parsers.Select(c => Ns(figures.MeanNs(c, Work.Sdp))),
        ]);
        double ours = figures.MeanNs(field.Ours, Work.Sdp)!.Value;
        rows.Add(
        [
            "ratio to " + field.Ours.Name, "", "", Number(figures.MeanNs(field.OursSize, Work.Sdp)!.Value / ours, "F2"),
            .. field.Peers.Select(p => Number(figures.MeanNs(p.Contender, Work.Sdp)!.Value / ours, "F2")),
        ]);
        return new Table("SDP body, ns per body", ["message", "bytes", .. field.Parsers.Select(c => c.Name)], rows,
            ["libre decodes into a session, which is allocated and freed each time."]);
    }

    /// <summary>Every cell by itself, with the quartiles and the size of its batch; copies included, as measured.</summary>
    public static Table EveryCell(Rounds rounds, CorpusMessage[] corpus) => new(
        "Each figure by itself, ns, copies included",
        ["work and message", "who", "lower quartile", "median", "upper quartile", "batch"],
        [.. rounds.Cells.Select(cell => new[]
        {
            $"{cell.Work} {corpus[cell.Message].Name}", cell.Contender.Name, Ns(cell.Quantile(0.25)),
            Ns(cell.Quantile(0.5)), Ns(cell.Quantile(0.75)), Number(cell.BatchIterations, "F0"),
        })],
        []);

    /// <summary>The line that scripts read: means over the corpus, of the build that runs.</summary>
    /// <param name="allocatedBytes">Managed bytes that our parser allocated during the whole run, in both builds.</param>
    public static string LastLine(Field field, Figures figures, long allocatedBytes) => string.Join(' ',
    [
        $"ours_ns={Ns(figures.MeanNs(field.Ours, Work.Full))}",
        .. field.Peers.Select(p => $"{p.Contender.Name}_ns={Ns(figures.MeanNs(p.Contender, Work.Full))}"),
        $"routing_ns={Ns(figures.MeanNs(field.Ours, Work.Routing))}",
        $"bytes={Number(allocatedBytes, "F0")}",
    ]);

    private static string Ns(double? ns) => ns is { } value ? Number(value, "F1") : "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
