// Who calls, by the headers of a message from a trusted peer and from a stranger (RFC 3325 §8), and the same identity written as our own and read again.
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Fuzz;

internal sealed class IdentityBody : DatagramBody
{
    private static readonly IpEndpoint s_proxy = IpEndpoint.V4(0xC0000201, 5060), s_stranger = IpEndpoint.V4(0xC0000202, 5060);

    private readonly TrustedPeers _trusted = new(new StartGate(), 1);
    private readonly byte[] _name = new byte[3000], _again = new byte[3000], _written = new byte[3000];
    private MessageIndex _writtenIndex;

    public IdentityBody()
        : base("identity") => PropertyViolation.Unless(_trusted.TryAdd("192.0.2.1"u8), "an address is trusted");

    protected override void CheckAccepted(ReadOnlySpan<byte> text, in SipMessage message, ref Outcome outcome)
    {
        if (!message.IsRequest)
            return;
        var stranger = CallerIdentity.Read(message, _trusted, s_stranger);
        PropertyViolation.Unless(stranger.Source is IdentitySource.None or IdentitySource.From, "a stranger asserts nothing");
        var identity = CallerIdentity.Read(message, _trusted, s_proxy);
        PropertyViolation.Unless(identity.Withheld == stranger.Withheld, "a wish for privacy is honoured whoever it comes from");
        PropertyViolation.Unless(identity.Source != IdentitySource.None || stranger.Source == IdentitySource.None, "trust takes no identity away");
        PropertyViolation.Unless(identity.Uri.Kind == SipUriKind.None == (identity.Source == IdentitySource.None), "an identity has a URI");
        PropertyViolation.UnlessWithin(identity.DisplayName, message.Text);
        PropertyViolation.UnlessWithin(identity.Uri.Extent, message.Text);
        PropertyViolation.UnlessWithin(identity.TelUri.Extent, message.Text);
        PropertyViolation.Unless(identity.TryCopyName(message.Text, _name, out int length), "a name is no longer than it is written");
        outcome.Add((ulong)identity.Source);
        outcome.Add((ulong)identity.Withheld);
        outcome.Add(identity.IsAnonymous ? 1UL : 0);

        var uri = identity.Uri.Extent.In(message.Text);
        var builder = new MessageBuilder(_written);
        builder.StartRequest(Method.Invite, "sip:a"u8);
        bool isWritten = Identity.Write(ref builder, _name.AsSpan(0, length), uri, PrivacyKinds.Id);
        builder.Finish();
        outcome.Add(isWritten ? 1UL : 0);
        PropertyViolation.Unless(builder.IsValid, "an identity is written whole or not at all");
        PropertyViolation.Unless(SipMessage.TryRead(builder.Written, Framing.Datagram, ref _writtenIndex, out var request, out _), "what was written is read");
        if (!isWritten || uri.IsEmpty)
            return;
        PropertyViolation.Unless(request.TryGet<PPreferredIdentity>(out var preferred, out _), "a preferred identity is read again");
        PropertyViolation.Unless(preferred.Uri.Extent.In(request.Text).SequenceEqual(uri), "its URI is what was given");
        PropertyViolation.Unless(QuotedText.TryUnquote(preferred.DisplayName.In(request.Text), _again, out int read)
            && _again.AsSpan(0, read).SequenceEqual(_name.AsSpan(0, length)), "its name is what was given");
    }
}
