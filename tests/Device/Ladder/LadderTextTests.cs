// What a ladder looks like on a terminal.
using SipEmbedded.Device.Ladder;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Device.Tests.Ladders.Messages;

namespace SipEmbedded.Device.Tests.Ladders;

public class LadderTextTests
{
    private static MessageLadder Call()
    {
        var ladder = new MessageLadder();
        ladder.AddParticipant("door");
        ladder.AddParticipant("proxy");
        ladder.AddParticipant("house");
        ladder.AddMessage(At(0), "door", "proxy", Protocol.Udp, Request("INVITE", hasSdp: true), LadderMarks.Lost);
        ladder.AddNote(At(500), "door", "Timer A fires");
        ladder.AddMessage(At(500), "door", "proxy", Protocol.Udp, Request("INVITE", hasSdp: true));
        ladder.AddMessage(At(510), "proxy", "door", Protocol.Udp, Response("100 Trying", "INVITE"));
        ladder.AddMessage(At(512), "proxy", "house", Protocol.Udp, Request("INVITE", hasSdp: true, extra: "X: 1\r\n"));
        ladder.AddMessage(At(513), "proxy", "house", Protocol.Udp, Request("INVITE", hasSdp: true, extra: "X: 1\r\n"), LadderMarks.Duplicated);
        ladder.AddMessage(At(700), "house", "door", Protocol.Udp, Response("180 Ringing", "INVITE"));
        ladder.AddMessage(At(2500), "house", "door", Protocol.Udp, Response("486 Busy Here", "INVITE"));
        return ladder;
    }

    private static string Text(LadderView view, int columns = int.MaxValue, bool isUtf8 = true, bool hasColor = false)
    {
        using var text = new StringWriter { NewLine = "\n" };
        LadderText.Write(text, view, columns, isUtf8, hasColor);
        return text.ToString();
    }

    private static void Shows(string expected, string text) => Assert.Equal(expected.ReplaceLineEndings("\n") + "\n", text);

    [Fact]
    public void A_call_is_columns_and_arrows() => Shows("""
        seconds  door                                  proxy                          house
                   │                                     │                              │
          0.000    │──────── INVITE 1, SDP, lost ──────✗ │                              │
          0.500    ● Timer A fires                       │                              │
          0.500    │── INVITE 1, SDP, retransmission 1 ─▶│                              │
          0.510    │◀────── 100 Trying (INVITE 1) ───────│                              │
          0.512    │                                     │─────── INVITE 1, SDP ───────▶│
          0.513    │                                     │── INVITE 1, SDP, duplicate ─▶│
          0.700    │◀───────────────────── 180 Ringing (INVITE 1) ──────────────────────│
          2.500    │◀──────────────────── 486 Busy Here (INVITE 1) ─────────────────────│
        """, Text(Call().View()));

    [Fact]
    public void Ascii_is_plain() => Shows("""
        seconds  door                                  proxy                          house
                   |                                     |                              |
          0.000    |-------- INVITE 1, SDP, lost ------x |                              |
          0.500    * Timer A fires                       |                              |
          0.500    |-- INVITE 1, SDP, retransmission 1 ->|                              |
          0.510    |<------ 100 Trying (INVITE 1) -------|                              |
          0.512    |                                     |------- INVITE 1, SDP ------->|
          0.513    |                                     |-- INVITE 1, SDP, duplicate ->|
          0.700    |<--------------------- 180 Ringing (INVITE 1) ----------------------|
          2.500    |<-------------------- 486 Busy Here (INVITE 1) ---------------------|
        """, Text(Call().View(), isUtf8: false));

    [Fact]
    public void A_narrow_terminal_puts_labels_on_several_lines() => Shows("""
        seconds  door              proxy            house
                   │                 │                │
                   │ INVITE 1, SDP,  │                │
          0.000    │───── lost ────✗ │                │
          0.500    ● Timer A fires   │                │
                   │ INVITE 1, SDP,  │                │
                   │retransmission 1 │                │
          0.500    │────────────────▶│                │
                   │   100 Trying    │                │
          0.510    │◀─ (INVITE 1) ───│                │
                   │                 │ INVITE 1, SDP  │
          0.512    │                 │───────────────▶│
                   │                 │ INVITE 1, SDP, │
          0.513    │                 │── duplicate ──▶│
          0.700    │◀──── 180 Ringing (INVITE 1) ─────│
          2.500    │◀─── 486 Busy Here (INVITE 1) ────│
        """, Text(Call().View(), columns: 50));

    [Fact]
    public void A_terminal_too_narrow_for_columns_gets_a_list() => Shows("""
          0.000  door  ─✗ proxy
                   INVITE 1, SDP, lost
          0.500  door            Timer A fires
          0.500  door  ─▶ proxy
                   INVITE 1, SDP, retransmission
                   1
          0.510  proxy ─▶ door
                   100 Trying (INVITE 1)
          0.512  proxy ─▶ house  INVITE 1, SDP
          0.513  proxy ─▶ house
                   INVITE 1, SDP, duplicate
          0.700  house ─▶ door
                   180 Ringing (INVITE 1)
          2.500  house ─▶ door
                   486 Busy Here (INVITE 1)
        """, Text(Call().View(), columns: 40));

    [Fact]
    public void Calls_are_told_apart_by_letters_and_listed()
    {
        var ladder = new MessageLadder();
        ladder.AddMessage(At(0), Door, House, Protocol.Udp, Request("OPTIONS", 7, "first@door"));
        ladder.AddMessage(At(1), House, Door, Protocol.Udp, Request("INVITE", 1, "second@house"));
        ladder.AddMessage(At(2), House, Door, Protocol.Udp, Response("200 OK", "OPTIONS", 7, "first@door"));
        ladder.AddMessage(At(3), Door, Door, Protocol.Udp, "\r\n\r\n"u8);
        Shows("""
            seconds     192.0.2.1:5060           192.0.2.2:5060
                               │                        │
              0.000  A         │────── OPTIONS 7 ──────▶│
              0.001  B         │◀────── INVITE 1 ───────│
              0.002  A         │◀─ 200 OK (OPTIONS 7) ──│
              0.003            ↺ ping (CRLF CRLF)       │

            A  first@door
            B  second@house
            """, Text(ladder.View()));
        Shows("""
            seconds  192.0.2.1:5060  192.0.2.2:5060
                            │               │
              0.001         │◀─ INVITE 1 ───│
            """, Text(ladder.View("second@house")));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_is_wider_than_the_terminal(int columns)
    {
        var ladder = Call();
        ladder.AddParticipant("a participant whose name is longer than any column will ever be");
        ladder.AddNote(At(3000), "a participant whose name is longer than any column will ever be", "a note that is long enough to be put on several lines");
        ladder.AddMessage(At(3001), "house", "a participant whose name is longer than any column will ever be", Protocol.Udp, Request("MESSAGE"));

        Assert.All(Text(ladder.View(), columns).Split('\n').Where(line => line.Contains('│')), line => Assert.InRange(line.Length, 0, columns));
    }

    [Fact]
    public void Nothing_of_a_message_reaches_the_terminal_as_control_characters()
    {
        var ladder = new MessageLadder();
        ladder.AddMessage(At(0), "a\e[2J", "b\u202E", Protocol.Udp, Response("200 \u009B31mOK\u202E", "INVITE", callId: "1\u0007"));
        ladder.AddNote(At(0), "a\e[2J", "note\r\n\e]0;title\a");
        string text = Text(ladder.View()) + Text(ladder.View(), columns: 20);

        Assert.DoesNotContain(text, c => c is '\e' or '\a' or '\r' or '\u009B' or '\u202E');
    }

    [Fact]
    public void Colours_tell_requests_provisional_success_and_failure()
    {
        var ladder = Call();
        ladder.AddMessage(At(3000), "door", "house", Protocol.Udp, Response("200 OK", "BYE"));
        string text = Text(ladder.View(), hasColor: true);

        foreach (string label in (string[])["\e[36m── ", "\e[33m◀─", "\e[31m◀─", "\e[32m──"])
            Assert.Contains(label, text);
        Assert.All(text.Split('\n').Where(line => line.Contains('\e')), line => Assert.EndsWith("\e[0m", line));
    }

    [Fact]
    public void Entries_are_shown_in_the_order_of_time_whatever_the_order_of_adding()
    {
        var ladder = new MessageLadder();
        ladder.AddMessage(At(20), "a", "b", Protocol.Udp, Request("BYE", 2));
        ladder.AddMessage(At(10), "a", "b", Protocol.Udp, Request("INVITE"));
        ladder.AddMessage(At(20), "b", "a", Protocol.Udp, Response("200 OK", "BYE", 2));

        Assert.Equal(["INVITE 1", "BYE 2", "200 OK (BYE 2)"], ladder.View().Rows.Select(row => row.Label));
    }

    [Fact]
    public void What_cannot_be_read_is_shown_as_far_as_it_can()
    {
        var ladder = new MessageLadder();
        foreach (byte[] octets in (byte[][])[[], "\r\n"u8.ToArray(), [1, 2, 3], "INVITE sip:a SIP/2.0\r\nCSeq: 9 INVITE\r\nContent-Length: 5\r\n\r\n"u8.ToArray(),
            "SIP/2.0 299 Odd\r\n\r\n"u8.ToArray(), "SIP/2.0 999 Odd\r\n\r\n"u8.ToArray(), new byte[70_000]])
            ladder.AddMessage(At(0), "a", "b", Protocol.Udp, octets);

        Assert.Equal(
            ["empty", "pong (CRLF)", "3 octets, not SIP", "INVITE 9, malformed", "299 Odd", "999 Odd, malformed", "70000 octets, not SIP"],
            ladder.View().Rows.Select(row => row.Label));
    }

    [Fact]
    public void More_participants_than_can_be_followed_get_a_list()
    {
        var ladder = new MessageLadder();
        for (int i = 0; i < 33; i++)
            ladder.AddMessage(At(i), $"agent {i}", "proxy", Protocol.Udp, Request("OPTIONS", i));

        Assert.StartsWith("  0.000  agent 0  ─▶ proxy", Text(ladder.View()));
    }

    [Fact]
    public void An_empty_ladder_is_no_trouble() => Assert.Equal("seconds\n\n", Text(new MessageLadder().View()));
}
