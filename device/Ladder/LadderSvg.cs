// A ladder as SVG: a picture by itself, or the picture in a page (LadderPage). Colours are CSS variables, so that a page decides them, light or dark; a
// picture by itself brings its own. Every text of a message is escaped twice: what could disturb a reader (EscapedText), then what means something in XML.
using System.Globalization;
using System.Net;
using System.Text;
using SipEmbedded.Device.Inspect.Reports;

namespace SipEmbedded.Device.Ladder;

/// <summary>Draws a ladder as SVG.</summary>
public sealed class LadderSvg
{
    // Pixels. Texts are 13 px in a font that is not known; a column of a terminal is a fair guess of a letter's width, and labels have room around them.
    private const double LetterWidth = 7.2;
    private const int LeastDistance = 150, MostDistance = 540, LabelMargin = 44;
    private const int RowHeight = 38, NoteHeight = 32, HeaderHeight = 56, EndHeight = 18;
    private const int CallWidth = 26, EdgeMargin = 24;
    private const int NameHeight = 30;

    // Colours by which calls are told apart; a ninth has that of the first, and a letter of its own.
    private const int CallColors = 8;

    internal const string LightColors =
        "--paper:#ffffff;--ink:#1c2430;--soft:#667085;--line:#c9d0da;--card:#f4f6f9;--hover:#eef3fb;--request:#1f5fbf;--provisional:#a15c00;--success:#1a7a3e;"
        + "--failure:#c0262d;--other:#667085;--note:#7a3fb0";

    internal const string DarkColors =
        "--paper:#12161c;--ink:#e6eaf0;--soft:#98a2b3;--line:#39424f;--card:#1b212a;--hover:#1f2835;--request:#7db2ff;--provisional:#f0b35a;--success:#6fd08c;"
        + "--failure:#ff8a8a;--other:#98a2b3;--note:#c79bf2";

    internal const string Style =
        ".ladder{font:13px/1.2 system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif}.ladder text{fill:var(--ink)}.ladder .life{stroke:var(--line);stroke-width:1.5}"
        + ".ladder .who rect{fill:var(--card);stroke:var(--line)}.ladder .who text{font-weight:600;text-anchor:middle}"
        + ".ladder .time{fill:var(--soft);text-anchor:end;font-size:12px;font-variant-numeric:tabular-nums}"
        + ".row{--c:var(--other)}.row.request{--c:var(--request)}.row.provisional{--c:var(--provisional)}.row.success{--c:var(--success)}"
        + ".row.failure,.row.unreadable{--c:var(--failure)}.row.note{--c:var(--note)}"
        + ".row .hit{fill:transparent}.row .shaft{stroke:var(--c);stroke-width:1.8;fill:none}.row .head{fill:var(--c)}"
        + ".row .label{fill:var(--c);stroke:var(--paper);stroke-width:4px;stroke-linejoin:round;paint-order:stroke;font-weight:500}"
        + ".row.again .shaft{stroke-dasharray:7 4}.row.copy .shaft{stroke-dasharray:2 4}.row .cross{stroke:var(--failure);stroke-width:2.4;fill:none}"
        + ".row .pill{fill:var(--card);stroke:var(--c)}.row .dot{fill:var(--c)}.row .pill-text{fill:var(--c);font-size:12px;text-anchor:middle}"
        + ".call circle{fill:var(--k)}.call text{fill:#fff;font-size:11px;font-weight:700;text-anchor:middle}"
        + ".k0{--k:#2f6fd0}.k1{--k:#b4540a}.k2{--k:#1e7f47}.k3{--k:#9136b5}.k4{--k:#b3263b}.k5{--k:#0e7490}.k6{--k:#6d6a00}.k7{--k:#5b5bd6}";

    private readonly LadderView _view;
    private readonly string[] _labels;
    private readonly string[] _names;
    private readonly double[] _at;
    private readonly double _timeRight;
    private readonly double _width;

    internal LadderSvg(LadderView view)
    {
        _view = view;
        _labels = [.. view.Rows.Select(row => EscapedText.Of(row.Label, onlyAscii: false))];
        _names = [.. view.Participants.Select(name => EscapedText.Of(name, onlyAscii: false))];
        double times = view.Rows.Select(row => WidthOf(LadderText.TimeOf(row.SinceStart))).Append(40).Max();
        _timeRight = EdgeMargin / 2 + (view.Calls.Count > 1 ? CallWidth : 0) + times;
        _at = Positions();
        _width = Width();
    }

    /// <summary>Writes a picture by itself, which follows the reader's choice of light or dark. The messages themselves are not in it.</summary>
    public static void Write(TextWriter output, LadderView view, string title)
    {
        var svg = new LadderSvg(view);
        double height = HeaderHeight + svg.BodyHeight;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ladder\" role=\"img\" aria-labelledby=\"t d\" width=\"{svg._width:0}\" height=\"{height:0}\" viewBox=\"0 0 {svg._width:0} {height:0}\">\n");
        text.Append("<title id=\"t\">").Append(Escaped(title)).Append("</title>\n<desc id=\"d\">");
        foreach (var row in svg._view.Rows)
            text.Append(Escaped(svg.Sentence(row))).Append('\n');
        text.Append("</desc>\n<style>svg{").Append(LightColors).Append("}@media(prefers-color-scheme:dark){svg{").Append(DarkColors).Append("}}")
            .Append(Style).Append("</style>\n<rect width=\"100%\" height=\"100%\" style=\"fill:var(--paper)\"/>\n");
        svg.AppendNames(text);
        text.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate(0 {HeaderHeight})\">\n");
        svg.AppendBody(text, isLinked: false);
        output.Write(text.Append("</g>\n</svg>\n"));
    }

    /// <summary>The participants' names, for the top of a page.</summary>
    internal string Names()
    {
        var text = new StringBuilder();
        // What stands here is said by the picture below as well.
        text.Append(CultureInfo.InvariantCulture,
            $"<svg class=\"ladder names\" aria-hidden=\"true\" width=\"{_width:0}\" height=\"{HeaderHeight}\" viewBox=\"0 0 {_width:0} {HeaderHeight}\">\n");
        AppendNames(text);
        return text.Append("</svg>\n").ToString();
    }

    /// <summary>The rows, each a link to the element <c>mNUMBER</c> of the page.</summary>
    internal string Rows()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"<svg class=\"ladder rows\" role=\"group\" aria-label=\"Messages in the order of time\" width=\"{_width:0}\" height=\"{BodyHeight:0}\" viewBox=\"0 0 {_width:0} {BodyHeight:0}\">\n");
        AppendBody(text, isLinked: true);
        return text.Append("</svg>\n").ToString();
    }

    /// <summary>A row in words.</summary>
    internal string Sentence(LadderRow row)
    {
        string time = LadderText.TimeOf(row.SinceStart) + " s, ";
        string label = EscapedText.Of(row.Label, onlyAscii: false);
        return row.Message is null ? $"{time}{_names[row.From]}: {label}" : $"{time}{_names[row.From]} to {_names[row.To]}: {label}";
    }

    /// <summary>A text as it may stand in XML and HTML, in an attribute as well.</summary>
    internal static string Escaped(string text) => WebUtility.HtmlEncode(text);

    /// <summary>The class of a call's colour.</summary>
    internal static string CallClass(int call) => "k" + (call % CallColors).ToString(CultureInfo.InvariantCulture);

    /// <summary>The classes by which a row is coloured and filtered.</summary>
    internal static string ClassesOf(LadderRow row)
    {
        string kind = row.Message is null ? "note" : row.Message.Kind.ToString().ToLowerInvariant();
        return $"row {kind}" + (row.Retransmission > 0 ? " again" : "") + ((row.Marks & LadderMarks.Duplicated) != 0 ? " copy" : "")
            + (row.Call >= 0 ? " call-" + row.Call.ToString(CultureInfo.InvariantCulture) : " any-call");
    }

    // ---- Layout -------------------------------------------------------------------------------------------------------------------

    private static double WidthOf(string text) => EscapedText.ColumnsOf(text) * LetterWidth;

    private double BodyHeight => _view.Rows.Sum(HeightOf) + EndHeight;

    private static double HeightOf(LadderRow row) => row.Message is null ? NoteHeight : RowHeight;

    private double[] Positions()
    {
        if (_names.Length == 0)
            return [];
        var distances = new double[_names.Length - 1];
        for (int i = 0; i < distances.Length; i++)
            distances[i] = Math.Max(LeastDistance, (NameWidth(i) + NameWidth(i + 1)) / 2 + 16);
        var rows = _view.Rows;
        foreach (int number in Enumerable.Range(0, rows.Count).Where(i => rows[i].From != rows[i].To).OrderBy(i => Math.Abs(rows[i].From - rows[i].To)))
        {
            var (row, label) = (rows[number], _labels[number]);
            int first = Math.Min(row.From, row.To), last = Math.Max(row.From, row.To);
            double missing = Math.Min(WidthOf(label) + LabelMargin, MostDistance) - distances[first..last].Sum();
            for (int i = first; i < last && missing > 0; i++)
                distances[i] += missing / (last - first);
        }
        var at = new double[_names.Length];
        at[0] = _timeRight + 20 + Math.Max(NameWidth(0) / 2, 20);
        for (int i = 0; i < distances.Length; i++)
            at[i + 1] = Math.Round(at[i] + distances[i]);
        return at;
    }

    private double NameWidth(int number) => Math.Min(WidthOf(_names[number]) + 28, MostDistance / 2);

    private double Width()
    {
        double width = _at.Length == 0 ? 300 : _at[^1] + NameWidth(_at.Length - 1) / 2 + EdgeMargin;
        for (int i = 0; i < _labels.Length; i++)
        {
            var row = _view.Rows[i];
            if (row.From == row.To)
                width = Math.Max(width, _at[row.From] + WidthOf(_labels[i]) + 60);
        }
        return Math.Ceiling(width);
    }

    // What does not fit is cut; the title and the list of messages have all of it.
    private static string Fitted(string text, double width)
    {
        if (WidthOf(text) <= width)
            return text;
        var fitted = new StringBuilder();
        double used = LetterWidth;
        foreach (var rune in text.EnumerateRunes())
        {
            used += EscapedText.ColumnsOf(rune) * LetterWidth;
            if (used > width)
                break;
            fitted.Append(rune.ToString());
        }
        return fitted.Append('…').ToString();
    }

    // ---- Drawing ------------------------------------------------------------------------------------------------------------------

    private void AppendNames(StringBuilder text)
    {
        for (int i = 0; i < _at.Length; i++)
        {
            double width = NameWidth(i);
            text.Append(CultureInfo.InvariantCulture, $"<g class=\"who\"><title>{Escaped(_names[i])}</title><rect x=\"{_at[i] - width / 2:0.#}\" y=\"10\" width=\"{width:0.#}\" height=\"{NameHeight}\" rx=\"7\"/>");
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{_at[i]:0.#}\" y=\"30\">{Escaped(Fitted(_names[i], width - 12))}</text>");
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"life\" d=\"M{_at[i]:0.#} {10 + NameHeight}V{HeaderHeight}\"/></g>\n");
        }
    }

    private void AppendBody(StringBuilder text, bool isLinked)
    {
        double height = BodyHeight;
        foreach (double at in _at)
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"life\" d=\"M{at:0.#} 0V{height:0}\"/>\n");
        double top = 0;
        for (int i = 0; i < _view.Rows.Count; i++)
        {
            var row = _view.Rows[i];
            bool hasLink = isLinked && row.Message is not null;
            string sentence = Escaped(Sentence(row));
            text.Append(hasLink ? $"<a href=\"#m{row.Number}\" aria-label=\"{sentence}\"" : "<g")
                .Append($" class=\"{ClassesOf(row)}\"><title>{sentence}</title>");
            text.Append(CultureInfo.InvariantCulture, $"<rect class=\"hit\" x=\"0\" y=\"{top:0}\" width=\"{_width:0}\" height=\"{HeightOf(row)}\"/>");
            AppendMargin(text, row, top + HeightOf(row) - 12);
            if (row.Message is null)
                AppendNote(text, row, _labels[i], top);
            else if (row.From == row.To)
                AppendLoop(text, row, _labels[i], top);
            else
                AppendArrow(text, row, _labels[i], top + RowHeight - 10);
            text.Append(hasLink ? "</a>\n" : "</g>\n");
            top += HeightOf(row);
        }
    }

    private void AppendMargin(StringBuilder text, LadderRow row, double y)
    {
        if (_view.Calls.Count > 1 && row.Call >= 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"<g class=\"call {CallClass(row.Call)}\"><circle cx=\"20\" cy=\"{y - 3:0.#}\" r=\"9\"/>");
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"20\" y=\"{y + 1:0.#}\">{LadderText.CallName(row.Call)}</text></g>");
        }
        text.Append(CultureInfo.InvariantCulture, $"<text class=\"time\" x=\"{_timeRight:0.#}\" y=\"{y + 1:0.#}\">{LadderText.TimeOf(row.SinceStart)}</text>");
    }

    private void AppendArrow(StringBuilder text, LadderRow row, string label, double y)
    {
        const double HeadLength = 10, HeadWidth = 5;
        int way = row.To > row.From ? 1 : -1;
        double start = _at[row.From], end = _at[row.To];
        double length = Math.Abs(end - start);
        // What is lost ends on its way.
        double tip = row.IsLost ? start + way * length * 0.86 : end - way;
        text.Append(CultureInfo.InvariantCulture, $"<path class=\"shaft\" d=\"M{start:0.#} {y:0.#}H{(row.IsLost ? tip : tip - way * HeadLength):0.#}\"/>");
        if (row.IsLost)
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"cross\" d=\"M{tip - 6:0.#} {y - 6:0.#}l12 12m0 -12l-12 12\"/>");
        else
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"head\" d=\"M{tip:0.#} {y:0.#}l{-way * HeadLength:0.#} {-HeadWidth:0.#}v{2 * HeadWidth:0.#}z\"/>");
        text.Append(CultureInfo.InvariantCulture, $"<text class=\"label\" text-anchor=\"middle\" x=\"{(start + end) / 2:0.#}\" y=\"{y - 7:0.#}\">{Escaped(Fitted(label, length - LabelMargin / 2))}</text>");
    }

    // A message to oneself.
    private void AppendLoop(StringBuilder text, LadderRow row, string label, double top)
    {
        double x = _at[row.From], y = top + RowHeight / 2;
        text.Append(CultureInfo.InvariantCulture, $"<path class=\"shaft\" d=\"M{x:0.#} {y - 7:0.#}h26v16h-16\"/><path class=\"head\" d=\"M{x + 1:0.#} {y + 9:0.#}l10 -5v10z\"/>");
        text.Append(CultureInfo.InvariantCulture, $"<text class=\"label\" x=\"{x + 36:0.#}\" y=\"{y + 6:0.#}\">{Escaped(label)}</text>");
    }

    private void AppendNote(StringBuilder text, LadderRow row, string label, double top)
    {
        double x = _at[row.From], y = top + NoteHeight / 2;
        text.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"4\"/>");
        text.Append(CultureInfo.InvariantCulture, $"<rect class=\"pill\" x=\"{x + 12:0.#}\" y=\"{y - 11:0.#}\" width=\"{WidthOf(label) + 16:0.#}\" height=\"22\" rx=\"11\"/>");
        text.Append(CultureInfo.InvariantCulture, $"<text class=\"pill-text\" x=\"{x + 20 + WidthOf(label) / 2:0.#}\" y=\"{y + 4:0.#}\">{Escaped(label)}</text>");
    }
}
