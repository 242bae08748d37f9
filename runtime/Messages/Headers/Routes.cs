// The headers that hold routes: RFC 3261 §20.30 and §20.34, RFC 3327, RFC 3608.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One Route value (RFC 3261 §20.34): <c>name-addr *( SEMI rr-param )</c>.</summary>
[Header("Route")]
public readonly partial struct Route
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec")] public partial SipUri Uri { get; }

    [Parameters("rr-param")] public partial Slice Parameters { get; }
}

/// <summary>One Record-Route value (RFC 3261 §20.30): <c>name-addr *( SEMI rr-param )</c>.</summary>
[Header("Record-Route")]
public readonly partial struct RecordRoute
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec")] public partial SipUri Uri { get; }

    [Parameters("rr-param")] public partial Slice Parameters { get; }
}

/// <summary>One Path value (RFC 3327 §4): <c>name-addr *( SEMI rr-param )</c>.</summary>
[Header("Path")]
public readonly partial struct Path
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec")] public partial SipUri Uri { get; }

    [Parameters("rr-param")] public partial Slice Parameters { get; }
}

/// <summary>One Service-Route value (RFC 3608 §5): <c>name-addr *( SEMI rr-param )</c>.</summary>
[Header("Service-Route")]
public readonly partial struct ServiceRoute
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec")] public partial SipUri Uri { get; }

    [Parameters("rr-param")] public partial Slice Parameters { get; }
}
