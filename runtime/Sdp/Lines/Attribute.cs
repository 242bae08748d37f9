// a= lines: RFC 8866 §5.13. What a value means hangs on the name; Attributes/ has a record for each name known here.
using System.Runtime.CompilerServices;
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The attributes that are typed here, by name (case-sensitive, RFC 8866 §5).</summary>
[Vocabulary("known-attribute", "AttributeName", Grammar = "sdp")]
public static partial class AttributeNames;

/// <summary><c>a=name</c> or <c>a=name:value</c> (RFC 8866 §5.13).</summary>
[Record("attribute-field", Grammar = "sdp")]
public readonly partial struct AttributeField
{
    [Capture("attribute/attribute-name")] public partial Slice Name { get; }

    /// <summary>The name, where it is one of those typed here.</summary>
    [Capture("attribute/attribute-name")] public partial AttributeName Known { get; }

    /// <summary>Behind the colon; not present in <c>a=name</c>.</summary>
    [Capture("attribute/attribute-value")] public partial Slice Value { get; }

    /// <summary>
    /// The value as <typeparamref name="T"/>, the record for this name; false with a fault where it does not match, or is not there. Where
    /// trailing white space is allowed, it is no part of the value.
    /// </summary>
    public bool TryReadValue<T>(ReadOnlySpan<byte> text, SdpLeniency allow, out T value, out ParseFault fault)
        where T : struct, IRecord<T>
    {
        if (Value.IsPresent)
            return SdpValue.TryRead(text, ValueWithin(text, allow), allow, out value, out fault);
        value = default;
        fault = new ParseFault(FaultKind.Missing, Name.End, "attribute-value");
        return false;
    }

    private Slice ValueWithin(ReadOnlySpan<byte> text, SdpLeniency allow)
    {
        int end = Value.End;
        if ((allow & SdpLeniency.TrailingWhiteSpace) != 0)
        {
            while (end > Value.Offset && text[end - 1] is (byte)' ' or (byte)'\t')
                end--;
        }
        return Slice.Between(Value.Offset, end);
    }

    /// <summary>
    /// Is the value what the name asks for? A flag has none; a value of a name that is not typed here is always right. A fault here is no
    /// reason to refuse a description: see note [attributes are not faults].
    /// </summary>
    public bool CheckValue(ReadOnlySpan<byte> text, SdpLeniency allow, out ParseFault fault)
    {
        switch (Known)
        {
            case AttributeName.Cat:
                return Is<Category>(text, allow, out fault);
            case AttributeName.Keywds:
                return Is<Keywords>(text, allow, out fault);
            case AttributeName.Tool:
                return Is<Tool>(text, allow, out fault);
            case AttributeName.Type:
                return Is<ConferenceTypeValue>(text, allow, out fault);
            case AttributeName.Charset:
                return Is<Charset>(text, allow, out fault);
            case AttributeName.Sdplang or AttributeName.Lang:
                return Is<Language>(text, allow, out fault);
            case AttributeName.Ptime or AttributeName.Maxptime:
                return Is<PacketTime>(text, allow, out fault);
            case AttributeName.Rtpmap:
                return Is<RtpMap>(text, allow, out fault);
            case AttributeName.Fmtp:
                return Is<FormatParameters>(text, allow, out fault);
            case AttributeName.Orient:
                return Is<OrientationValue>(text, allow, out fault);
            case AttributeName.Framerate:
                return Is<FrameRate>(text, allow, out fault);
            case AttributeName.Quality:
                return Is<Quality>(text, allow, out fault);
            case AttributeName.Rtcp:
                return Is<RtcpAddress>(text, allow, out fault);
            case AttributeName.Crypto:
                return Is<Crypto>(text, allow, out fault);
            case AttributeName.Sendrecv or AttributeName.Sendonly or AttributeName.Recvonly or AttributeName.Inactive or AttributeName.RtcpMux
                when Value.IsPresent:
                fault = new ParseFault(FaultKind.Syntax, Name.End, "attribute");
                return false;
            default:
                fault = default;
                return true;
        }
    }

    // A method for each record, so that a call makes room for one record, not for all of them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private bool Is<T>(ReadOnlySpan<byte> text, SdpLeniency allow, out ParseFault fault)
        where T : struct, IRecord<T> => TryReadValue<T>(text, allow, out _, out fault);
}
