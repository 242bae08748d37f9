using System.Text;
using System.Text.Json;
using Xunit;

namespace SipEmbedded.Device.Tests;

public class JsonTests
{
    private static JsonElement Single(InspectRun run) => JsonDocument.Parse(Assert.Single(run.Lines)).RootElement;

    private static JsonElement Header(JsonElement message, string name) =>
        message.GetProperty("headers").EnumerateArray().First(header => header.GetProperty("name").GetString() == name);

    private static JsonElement Value(JsonElement message, string name) => Header(message, name).GetProperty("values")[0];

    [Fact]
    public void Each_message_is_one_line_also_of_several_files()
    {
        var run = InspectRun.OfFiles(InspectRun.CorpusFiles, json: true);

        Assert.Equal(InspectRun.CorpusFiles.Count(), run.Lines.Length);
        Assert.All(run.Lines, line => Assert.True(JsonDocument.Parse(line).RootElement.GetProperty("wellFormed").GetBoolean()));
    }

    [Fact]
    public void Numbers_are_numbers_and_uris_have_parts()
    {
        var message = Single(InspectRun.OfOctets(File.ReadAllBytes(InspectRun.Corpus("a_invite.sip")), json: true));

        Assert.Equal("request", message.GetProperty("kind").GetString());
        Assert.Equal(5062, message.GetProperty("startLine").GetProperty("uri").GetProperty("port").GetInt32());
        Assert.Equal(2, Value(message, "CSeq").GetProperty("sequence").GetInt64());
        Assert.Equal("pbx.lan", Value(message, "From").GetProperty("uri").GetProperty("host").GetString());
        Assert.True(Value(message, "Record-Route").GetProperty("uri").GetProperty("isLooseRouter").GetBoolean());
        Assert.Equal(7, Header(message, "Allow").GetProperty("values").GetArrayLength());
        var media = message.GetProperty("body").GetProperty("sdp").EnumerateArray().Single(line => line.GetProperty("name").GetString() == "m=");
        Assert.Equal(40012, media.GetProperty("values")[0].GetProperty("port").GetInt32());
    }

    [Fact]
    public void Any_octet_survives_and_the_line_is_printable_ascii()
    {
        byte[] octets = [.. Enumerable.Range(0, 256).Where(octet => octet is not ('\r' or '\n')).Select(octet => (byte)octet)];
        byte[] input = [.. "OPTIONS sip:a@b SIP/2.0\r\nX-Any: |"u8, .. octets, .. "|\r\n\r\n"u8];
        var run = InspectRun.OfOctets(input, json: true);

        Assert.DoesNotContain(run.Octets, octet => octet != '\n' && octet is < 0x20 or > 0x7E);
        byte[] back = Header(Single(run), "X-Any").GetProperty("textBase64").GetBytesFromBase64();
        Assert.Equal([(byte)'|', .. octets, (byte)'|'], back);
    }

    [Fact]
    public void Text_beyond_ascii_and_beyond_16_bits_is_that_text()
    {
        var header = Header(Single(InspectRun.OfText("OPTIONS sip:a@b SIP/2.0\nX-Text: \"Zoë\\\" 🚪\n\n", json: true)), "X-Text");

        Assert.Equal("\"Zoë\\\" 🚪", header.GetProperty("text").GetString());
        Assert.False(header.TryGetProperty("textBase64", out _));
    }

    [Fact]
    public void Tel_and_other_uris_are_taken_apart_wherever_they_stand()
    {
        var message = Single(InspectRun.OfText(
            """
            INVITE tel:+1-201-555-0123;ext=7 SIP/2.0
            Call-Info: <http://example.com:8080/photo.jpg?size=2>;purpose=icon
            Refer-To: <sip:bob@example.com;method=INVITE?Subject=door&Priority=urgent>


            """, json: true));

        var tel = message.GetProperty("startLine").GetProperty("uri").GetProperty("tel");
        Assert.Equal("global", tel.GetProperty("kind").GetString());
        Assert.Equal("+1-201-555-0123", tel.GetProperty("number").GetString());
        Assert.Equal("7", tel.GetProperty("parameters")[0].GetProperty("value").GetString());
        var generic = Value(message, "Call-Info").GetProperty("uri").GetProperty("generic");
        Assert.Equal("example.com", generic.GetProperty("host").GetString());
        Assert.Equal("size=2", generic.GetProperty("query").GetString());
        var refer = Value(message, "Refer-To").GetProperty("uri");
        Assert.Equal("urgent", refer.GetProperty("headers")[1].GetProperty("value").GetString());
    }

    [Fact]
    public void Parts_of_a_multipart_body_are_typed()
    {
        var message = Single(InspectRun.OfText(
            """
            MESSAGE sip:a@b SIP/2.0
            Content-Type: multipart/mixed;boundary=cut

            --cut
            Content-Type: text/plain

            hello
            --cut
            Content-Type: application/sdp

            v=0
            o=- 1 1 IN IP4 192.0.2.1
            s=-
            t=0 0
            m=audio 4000 RTP/AVP 0

            --cut--

            """, json: true));

        var parts = message.GetProperty("body").GetProperty("parts");
        Assert.Equal("hello", parts[0].GetProperty("body").GetProperty("text").GetString());
        Assert.Equal("text", parts[0].GetProperty("headers")[0].GetProperty("values")[0].GetProperty("type").GetString());
        Assert.Equal("m=", parts[1].GetProperty("body").GetProperty("sdp")[4].GetProperty("name").GetString());
    }

    [Fact]
    public void Keys_of_a_crypto_attribute_are_typed()
    {
        string sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 0\r\n"
            + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:32 KDR=4\r\n";
        var message = Single(InspectRun.OfText($"INVITE sip:a@b SIP/2.0\nContent-Type: application/sdp\n\n{sdp}", json: true));

        var crypto = message.GetProperty("body").GetProperty("sdp")[5].GetProperty("values")[0].GetProperty("typed");
        Assert.Equal(1, crypto.GetProperty("tag").GetInt32());
        Assert.Equal("2^20", crypto.GetProperty("key1").GetProperty("lifetime").GetString());
        Assert.Equal(32, crypto.GetProperty("key1").GetProperty("mkiOctets").GetInt32());
        Assert.Equal(4, crypto.GetProperty("session1").GetProperty("keyDerivationRate").GetInt32());
    }

    [Fact]
    public void Faults_have_kind_rule_place_and_line()
    {
        var run = InspectRun.OfText("OPTIONS sip:a@b SIP/2.0\nCSeq: 4294967296 OPTIONS\n\n", json: true);
        var faults = Single(run).GetProperty("faults").EnumerateArray().ToList();

        var range = Assert.Single(faults, fault => fault.GetProperty("kind").GetString() == "range");
        Assert.Equal("CSeq", range.GetProperty("place").GetString());
        Assert.Equal(2, range.GetProperty("line").GetInt32());
        Assert.Equal(7, range.GetProperty("column").GetInt32());
        Assert.Equal(ExitStatus.Fault, run.Status);
    }
}
