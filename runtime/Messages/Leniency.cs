// What is accepted beyond the grammar. The grammar's leniencies are in Grammar/sip/leniency.abnf, the others in the reader.
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Deviations from the RFCs' grammar that real peers force. Each can be switched off; <see cref="None"/> is the RFCs' own grammar.</summary>
[Flags]
public enum Leniency : uint
{
    None = 0,

    /// <summary>A bare LF ends a line.</summary>
    LineFeed = 1 << 0,

    /// <summary>White space at the end of a line, where the grammar has none.</summary>
    TrailingSpace = LineRules.TrailingSpaceFlag,

    /// <summary>Several blanks between the parts of a Request-Line.</summary>
    RequestLineSpaces = 1 << 2,

    /// <summary>Any printable text as a reason phrase.</summary>
    ReasonPhraseCharacters = 1 << 3,

    /// <summary>A display name of tokens right before the angle bracket (RFC 4475 §3.1.1.6).</summary>
    UnspacedDisplayName = 1 << 4,

    /// <summary>A display name without quotes that is not made of tokens (RFC 4475 §3.1.2.15).</summary>
    DisplayNameCharacters = 1 << 5,

    /// <summary>White space inside angle brackets (RFC 4475 §3.1.2.14).</summary>
    SpacedAddress = 1 << 6,

    /// <summary>A host name of letters, digits, dots, hyphens and underscores in any order.</summary>
    HostCharacters = 1 << 7,

    /// <summary>An unescaped <c>#</c>, and brackets, in a user part.</summary>
    UserCharacters = 1 << 8,

    /// <summary>Any visible character but comma and semicolon in a Call-ID.</summary>
    CallIdCharacters = 1 << 9,

    /// <summary>Server and User-Agent as plain text.</summary>
    ProductText = 1 << 10,

    /// <summary>A list header without a value, where the grammar wants at least one.</summary>
    EmptyList = LineRules.EmptyListFlag,

    /// <summary>A comma behind the last value of a list.</summary>
    TrailingComma = LineRules.TrailingCommaFlag,

    /// <summary>What a door-phone accepts unless told otherwise: all of them.</summary>
    Default = LineFeed | TrailingSpace | RequestLineSpaces | ReasonPhraseCharacters | UnspacedDisplayName | DisplayNameCharacters | SpacedAddress
        | HostCharacters | UserCharacters | CallIdCharacters | ProductText | EmptyList | TrailingComma,
}
