// What is accepted from peers although RFC 8866 forbids it. Half of these are grammar (Grammar/sdp/leniency.abnf), half are about
// whole lines (SdpReader).
namespace SipEmbedded.Sdp;

/// <summary>The deviations from RFC 8866 that a reader may accept, each by its own switch.</summary>
[Flags]
public enum SdpLeniency : uint
{
    /// <summary>RFC 8866 to the letter.</summary>
    None = 0,

    /// <summary>There is no <c>s=</c> line (RFC 8866 §5.3 asks for exactly one): small cameras and intercoms leave it out.</summary>
    MissingSessionName = 1 << 0,

    /// <summary>There is no <c>t=</c> line (RFC 8866 §5.9 asks for one or more), since a call's times mean nothing (RFC 3264 §5).</summary>
    MissingTime = 1 << 1,

    /// <summary>Lines end with LF alone (RFC 8866 §5 asks parsers to accept it).</summary>
    BareLineFeed = 1 << 2,

    /// <summary>The last line has no line end: gateways that count Content-Length without it cut it off.</summary>
    UnterminatedLastLine = 1 << 3,

    /// <summary><c>s=</c> with nothing behind it, as RFC 4317 itself prints (RFC 8866 §5.3: "s=-" or "s= ").</summary>
    EmptySessionName = 1 << 4,

    /// <summary>
    /// Lines in another order than RFC 8866 §5 gives, such as <c>b=</c> before <c>c=</c>, or <c>t=</c> behind attributes; RFC 3264 §8.4
    /// itself prints <c>t=</c> before <c>c=</c>. <c>v=</c> still comes first, and nothing may stand twice that may stand once.
    /// </summary>
    LinesOutOfOrder = 1 << 5,

    /// <summary>Lines of a type that RFC 8866 does not define are skipped (§5: a parser must ignore the whole description).</summary>
    UnknownLineTypes = 1 << 6,

    /// <summary>Spaces and tabs in front of a line end, and blank lines behind the last line.</summary>
    TrailingWhiteSpace = 1 << 7,

    /// <summary>All of them: what an endpoint that wants the call takes.</summary>
    All = (1 << 8) - 1,
}
