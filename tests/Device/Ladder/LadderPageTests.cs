// The page and the picture: well formed, safe with hostile text, readable without eyes.
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SipEmbedded.Device.Ladder;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Device.Tests.Ladders.Messages;

namespace SipEmbedded.Device.Tests.Ladders;

public partial class LadderPageTests
{
    private const string Attack = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;]]>";

    private static LadderView Hostile()
    {
        var ladder = new MessageLadder { Origin = DateTimeOffset.UnixEpoch };
        ladder.AddMessage(At(0), Attack, "b", Protocol.Udp, Request("INVITE", callId: "a@b", extra: $"Subject: {Attack}\r\n"));
        ladder.AddMessage(At(1), "b", Attack, Protocol.Udp, Response("486 " + Attack, "INVITE", callId: "\"><script>alert(1)</script>"));
        ladder.AddMessage(At(2), "b", "b", Protocol.Udp, [0, 1, 2, 0xFF, 0xFE, (byte)'<', (byte)'&', 0xEF, 0xBF, 0xBF]);
        ladder.AddNote(At(3), "b", Attack);
        return ladder.View();
    }

    private static string Page(LadderView view)
    {
        using var text = new StringWriter();
        LadderPage.Write(text, view, "Capture " + Attack);
        return text.ToString();
    }

    private static string Picture(LadderView view)
    {
        using var text = new StringWriter();
        LadderSvg.Write(text, view, "Capture " + Attack);
        return text.ToString();
    }

    [Fact]
    public void The_pictures_of_a_page_are_well_formed()
    {
        var pictures = Svg().Matches(Page(Hostile())).Select(match => XDocument.Parse(match.Value)).ToList();

        Assert.Equal(2, pictures.Count);
        Assert.Equal(3, pictures[1].Descendants("a").Count());
        Assert.All(pictures[1].Descendants("a"), link => Assert.Matches("^#m[1-3]$", link.Attribute("href")?.Value));
    }

    [Fact]
    public void Hostile_text_stays_text()
    {
        string page = Page(Hostile());

        Assert.Single(Script().Matches(page));
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotContain("<script>alert", page);
        Assert.Contains("&lt;img src=x onerror=", page);
        Assert.Contains("script-src 'sha256-", page);
        Assert.DoesNotContain(page, c => c < ' ' && c != '\n');
    }

    [Fact]
    public void The_policy_allows_the_script_that_is_there()
    {
        string page = Page(Hostile());
        string script = Regex.Match(page, "<script>(.*?)</script>", RegexOptions.Singleline).Groups[1].Value;

        Assert.Contains($"'sha256-{Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(script)))}'", page);
    }

    [Fact]
    public void Every_arrow_leads_to_its_message()
    {
        string page = Page(Hostile());

        foreach (Match link in Regex.Matches(page, "href=\"#(m[0-9]+)\""))
            Assert.Contains($"<details id=\"{link.Groups[1].Value}\"", page);
        Assert.Contains("<b>INVITE sip:house@192.0.2.2 SIP/2.0</b>\n<i>Via:</i> SIP/2.0/UDP 192.0.2.1", page);
    }

    [Fact]
    public void A_page_needs_nothing_else()
    {
        string page = Page(Hostile());

        Assert.DoesNotMatch("(src|href)=\"(?!#)", page);
        Assert.DoesNotContain("url(", page);
        Assert.DoesNotContain("@import", page);
    }

    [Fact]
    public void The_picture_by_itself_is_well_formed_and_says_all_in_words()
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        var picture = XDocument.Parse(Picture(Hostile()));

        Assert.Equal("Capture " + Attack, picture.Root!.Element(svg + "title")!.Value);
        string description = picture.Root.Element(svg + "desc")!.Value;
        Assert.Equal(4, description.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"0.000 s, {Attack} to b: INVITE 1", description);
        Assert.Contains("prefers-color-scheme:dark", picture.ToString());
    }

    [Fact]
    public void Calls_can_be_chosen()
    {
        string page = Page(Hostile());

        Assert.Equal(3, Regex.Matches(page, "type=\"radio\"").Count);
        Assert.Contains("body:has(#c1:checked) main .row:not(.call-1,.any-call)", page);
        Assert.Contains("class=\"row failure call-1\"", page);
        Assert.Contains("class=\"row note any-call\"", page);
    }

    [Fact]
    public void An_empty_ladder_is_a_page_too()
    {
        var view = new MessageLadder().View();

        Assert.Contains("0 messages", Page(view));
        Assert.NotNull(XDocument.Parse(Picture(view)).Root);
    }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();

    [GeneratedRegex("<script")]
    private static partial Regex Script();
}
