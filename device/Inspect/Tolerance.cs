// The deviations that are no fault, of SIP and of SDP, by their names in the library.
using SipEmbedded.Messages;
using SipEmbedded.Sdp;

namespace SipEmbedded.Device.Inspect;

internal readonly record struct Tolerance(Leniency Sip, SdpLeniency Sdp)
{
    /// <summary>What the door-phone accepts.</summary>
    public static Tolerance Default { get; } = new(Leniency.Default, SdpLeniency.All);

    /// <summary>The RFCs' own grammar.</summary>
    public static Tolerance None { get; } = default;

    public static IEnumerable<string> Names => SipNames.Concat(SdpNames);

    private static IEnumerable<string> SipNames =>
        Enum.GetNames<Leniency>().Where(name => name is not (nameof(Leniency.None) or nameof(Leniency.Default)));

    private static IEnumerable<string> SdpNames =>
        Enum.GetNames<SdpLeniency>().Where(name => name is not (nameof(SdpLeniency.None) or nameof(SdpLeniency.All)));

    /// <summary>This and the deviation of that name, without regard to case; false where there is none.</summary>
    public bool TryAdd(string name, out Tolerance sum)
    {
        // Enum.TryParse alone takes numbers and lists as well.
        bool isSip = SipNames.Contains(name, StringComparer.OrdinalIgnoreCase);
        bool isSdp = SdpNames.Contains(name, StringComparer.OrdinalIgnoreCase);
        sum = new(
            isSip ? Sip | Enum.Parse<Leniency>(name, ignoreCase: true) : Sip,
            isSdp ? Sdp | Enum.Parse<SdpLeniency>(name, ignoreCase: true) : Sdp);
        return isSip || isSdp;
    }
}
