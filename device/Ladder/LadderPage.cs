// A ladder as a page: one file that needs nothing else. The picture, a pane that shows a message when its arrow is pointed at or chosen, and all messages
// in words below it, which is also what a screen reader and a printer get.
//
// note [a page made of hostile text]
// Whatever peers sent is on this page. It is escaped wherever it stands, and should that ever fail, the page's own policy still runs no script but the one
// whose hash it names, and loads nothing.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SipEmbedded.Device.Inspect.Reports;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Ladder;

/// <summary>Draws a ladder as an HTML page.</summary>
public sealed class LadderPage
{
    // A choice among more calls than that is none; the command's --call serves then.
    private const int MaxChoices = 40;

    private const string Colors = ":root{color-scheme:light dark;" + LadderSvg.LightColors + "}@media(prefers-color-scheme:dark){:root{" + LadderSvg.DarkColors
        + "}}@media print{:root{color-scheme:light;" + LadderSvg.LightColors + "}}";

    private const string Style = """
        *{box-sizing:border-box}html,body{height:100%;margin:0}
        body{display:grid;grid-template:auto 1fr/minmax(0,1fr) minmax(300px,34rem);background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
        body>header{grid-column:1/-1;padding:14px 20px 10px;border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:6px 28px;align-items:baseline}
        h1{font-size:18px;margin:0;overflow-wrap:anywhere}h2{font-size:15px;margin:28px 20px 8px}header p{margin:0;color:var(--soft)}
        fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:6px;width:100%}legend{float:left;margin-right:10px;color:var(--soft)}
        fieldset label{border:1px solid var(--line);border-radius:99px;padding:2px 12px 2px 4px;cursor:pointer;display:inline-flex;gap:7px;align-items:center;font-size:13px;max-width:26rem}
        fieldset label:first-of-type{padding-left:12px}fieldset label span:last-child{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        fieldset input{position:absolute;opacity:0;pointer-events:none}fieldset label:has(:checked){background:var(--hover);border-color:var(--request)}
        fieldset label:has(:focus-visible){outline:2px solid var(--request);outline-offset:1px}
        .badge{display:inline-block;min-width:20px;padding:0 5px;border-radius:10px;background:var(--k);color:#fff;font-size:11px;font-weight:700;line-height:20px;text-align:center}
        main{overflow:auto;padding-bottom:40px}main svg{display:block}.names{position:sticky;top:0;background:var(--paper);z-index:1}
        .rows a{cursor:pointer;text-decoration:none;outline:none}.rows a:hover .hit,.rows a:focus-visible .hit,.rows a.shown .hit{fill:var(--hover)}
        .rows a.shown .shaft{stroke-width:3}.rows a:focus-visible .label,.rows a.shown .label{font-weight:700}
        aside{overflow:auto;border-left:1px solid var(--line);background:var(--card);padding:16px 20px}aside .hint{color:var(--soft)}
        .legend{list-style:none;padding:0;margin:14px 0;color:var(--soft);font-size:13px}.legend i{display:inline-block;width:26px;border-top:2px solid var(--c,var(--other));margin-right:10px;vertical-align:middle}
        .legend .again i{border-top-style:dashed}
        aside h3{margin:0 0 2px;font-size:16px;color:var(--c);overflow-wrap:anywhere}dl{margin:6px 0 12px;display:grid;grid-template-columns:auto 1fr;gap:1px 14px;font-size:13px}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        pre{font:12.5px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:12px 14px;margin:0;color:var(--ink)}
        pre b{color:var(--c)}pre i{font-style:normal;color:var(--soft)}
        ol{list-style:none;margin:0;padding:0 20px}ol li{border-top:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 33px}ol p{margin:0;padding:5px 0 5px 16px;color:var(--c);font-size:14px}
        summary{padding:5px 0;cursor:pointer;font-size:14px;overflow-wrap:anywhere}summary span{color:var(--c);font-weight:500}details:target{background:var(--hover)}details[open]{padding-bottom:14px}
        summary:focus-visible{outline:2px solid var(--request)}
        @media(max-width:900px){html,body{height:auto}body{display:block}main{max-height:72vh}aside{border-left:0;border-top:1px solid var(--line)}}
        @media print{html,body{height:auto}body,main{display:block;overflow:visible}aside,fieldset{display:none}.names{position:static}main svg{max-width:100%;height:auto}ol li{break-inside:avoid;content-visibility:visible}pre{border:0;padding:4px 0}}
        """;

    // Shows a message in the pane: while it is pointed at, or for good when it is chosen. Without script an arrow is a link to its message in the list.
    private const string Script = """
        (()=>{const pane=document.querySelector('aside'),rest=[...pane.childNodes],links=[...document.querySelectorAll('.rows a')];let kept=null;
        const show=a=>{links.forEach(l=>l.classList.toggle('shown',l===a));if(!a){pane.replaceChildren(...rest);pane.className='';return}
        const d=document.querySelector(a.getAttribute('href')),h=document.createElement('h3');h.textContent=d.querySelector('summary span').textContent;
        pane.className='row '+d.dataset.kind;pane.replaceChildren(h,...[...d.children].slice(1).map(c=>c.cloneNode(true)))};
        links.forEach((a,i)=>{a.addEventListener('mouseenter',()=>show(a));a.addEventListener('mouseleave',()=>show(kept));a.addEventListener('focus',()=>show(a));
        a.addEventListener('click',e=>{e.preventDefault();kept=kept===a?null:a;show(kept)});
        a.addEventListener('keydown',e=>{const s=e.key==='ArrowDown'?1:e.key==='ArrowUp'?-1:0;if(s){e.preventDefault();links[i+s]?.focus()}})});
        addEventListener('keydown',e=>{if(e.key==='Escape'){kept=null;show(null)}});
        addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>d.open=true))})();
        """;

    private readonly LadderView _view;
    private readonly LadderSvg _svg;
    private readonly TextWriter _output;

    private LadderPage(TextWriter output, LadderView view)
    {
        _output = output;
        _view = view;
        _svg = new(view);
    }

    /// <summary>Writes the page, in UTF-8 for a writer that does so.</summary>
    public static void Write(TextWriter output, LadderView view, string title) => new LadderPage(output, view).Write(Safe(title));

    private static string Safe(string text) => LadderSvg.Escaped(EscapedText.Of(text, onlyAscii: false));

    private void Write(string title)
    {
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script.ReplaceLineEndings("\n"))));
        _output.Write($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{{hash}}'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{{title}}</title>
            <style>
            {{Colors}}
            {{LadderSvg.Style}}
            {{Style}}
            {{FilterStyle()}}
            </style>
            </head>
            <body>
            <header><h1>{{title}}</h1><p>{{Facts()}}</p>
            {{Choices()}}</header>
            <main>
            {{_svg.Names()}}{{_svg.Rows()}}
            """.ReplaceLineEndings("\n"));
        _output.Write("<h2>All messages</h2>\n<ol>\n");
        foreach (var row in _view.Rows)
            WriteItem(row);
        _output.Write("</ol>\n</main>\n" + """
            <aside aria-live="polite" aria-label="Message"><p class="hint">Point at an arrow to read its message; click to keep it here.</p>
            <ul class="legend"><li class="row request"><i></i>request</li><li class="row provisional"><i></i>1xx, provisional response</li><li class="row success"><i></i>2xx, success</li><li class="row failure"><i></i>3xx to 6xx, failure, or unreadable</li><li class="row again"><i></i>sent again</li><li class="row note"><i></i>note</li></ul>
            </aside>

            """.ReplaceLineEndings("\n"));
        _output.Write($"<script>{Script.ReplaceLineEndings("\n")}</script>\n</body>\n</html>\n");
    }

    private string Facts()
    {
        int messages = _view.Rows.Count(row => row.Message is not null);
        var facts = new List<string> { messages == 1 ? "1 message" : $"{messages} messages" };
        if (_view.Calls.Count > 0)
            facts.Add(_view.Calls.Count == 1 ? "1 call" : $"{_view.Calls.Count} calls");
        if (_view.Rows.Count > 0)
            facts.Add($"{LadderText.TimeOf(_view.Rows[^1].SinceStart - _view.Rows[0].SinceStart)} s");
        if (_view.StartOfDay is { } start)
            facts.Add("from " + start.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture));
        return string.Join(" · ", facts);
    }

    // ---- Calls --------------------------------------------------------------------------------------------------------------------

    private int ChoiceCount => _view.Calls.Count is > 1 and <= MaxChoices ? _view.Calls.Count : 0;

    private string FilterStyle()
    {
        var text = new StringBuilder();
        for (int i = 0; i < ChoiceCount; i++)
            text.Append(CultureInfo.InvariantCulture, $"body:has(#c{i}:checked) main .row:not(.call-{i},.any-call){{opacity:.13}}\n");
        return text.ToString();
    }

    private string Choices()
    {
        if (ChoiceCount == 0)
            return "";
        var text = new StringBuilder("<fieldset><legend>Show</legend><label><input type=\"radio\" name=\"call\" checked><span>all calls</span></label>\n");
        for (int i = 0; i < ChoiceCount; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"<label title=\"{Safe(_view.Calls[i])}\"><input type=\"radio\" name=\"call\" id=\"c{i}\"><span class=\"badge {LadderSvg.CallClass(i)}\">{LadderText.CallName(i)}</span>");
            text.Append(CultureInfo.InvariantCulture, $"<span>{Safe(_view.Calls[i])}</span></label>\n");
        }
        return text.Append("</fieldset>\n").ToString();
    }

    // ---- Messages -----------------------------------------------------------------------------------------------------------------

    private void WriteItem(LadderRow row)
    {
        string classes = LadderSvg.ClassesOf(row);
        string time = LadderText.TimeOf(row.SinceStart);
        if (row.Message is null)
        {
            _output.Write($"<li class=\"{classes}\"><p>{time} s · {Safe(_view.Participants[row.From])}: {Safe(row.Label)}</p></li>\n");
            return;
        }
        string from = Safe(_view.Participants[row.From]), to = Safe(_view.Participants[row.To]);
        _output.Write($"<li class=\"{classes}\"><details id=\"m{row.Number}\" data-kind=\"{row.Message.Kind.ToString().ToLowerInvariant()}\"><summary>{time} s · {from} → {to} · <span>{Safe(row.Label)}</span></summary>\n<dl>");
        WriteFact("from", from);
        WriteFact("to", to);
        WriteFact("time", $"{row.SinceStart.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture)} s" + TimeOfDay(row));
        WriteFact("size", $"{row.Octets.Length} octets{(row.Protocol == Protocol.None ? "" : " over " + row.Protocol.ToString().ToUpperInvariant())}");
        if (row.Message.CallId is { } call)
            WriteFact("Call-ID", Safe(call));
        _output.Write("</dl>\n<pre>");
        WriteMessage(row.Octets.Span);
        _output.Write("</pre></details></li>\n");
    }

    private string TimeOfDay(LadderRow row) => _view.StartOfDay is { } start && DateTimeOffset.MaxValue - start > row.Time - _view.Start
        ? (start + (row.Time - _view.Start)).ToString("', 'HH:mm:ss.ffffff 'UTC'", CultureInfo.InvariantCulture) : "";

    private void WriteFact(string name, string value) => _output.Write($"<dt>{name}</dt><dd>{value}</dd>");

    // The message as it is, line by line: the start line and the names of headers stand out.
    private void WriteMessage(ReadOnlySpan<byte> octets)
    {
        bool isStart = true, isHead = true;
        foreach (var range in octets.Split((byte)'\n'))
        {
            var line = octets[range].TrimEnd((byte)'\r');
            if (range.Start.Value > 0)
                _output.Write('\n');
            int colon = line.IndexOf((byte)':');
            if (isStart && !line.IsEmpty)
            {
                _output.Write($"<b>{SafeLine(line)}</b>");
                isStart = false;
                continue;
            }
            isHead &= isStart || !line.IsEmpty;
            if (isHead && colon > 0)
                _output.Write($"<i>{SafeLine(line[..(colon + 1)])}</i>{SafeLine(line[(colon + 1)..])}");
            else
                _output.Write(SafeLine(line));
        }
    }

    private static string SafeLine(ReadOnlySpan<byte> line) => LadderSvg.Escaped(EscapedText.Of(line, onlyAscii: false));
}
