// Who calls us, as far as it is believed, kept with the call; and who we say that we are, to those who are trusted (RFC 3325; note [trust and privacy]).
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;

namespace SipEmbedded.Calls;

/// <summary>Who calls, as <see cref="CallLayer.TryGetCaller"/> tells it. The texts are good until the call's next step.</summary>
public readonly ref struct CallerText
{
    /// <summary>The header that it was read from: whether it is the caller's own word or a trusted proxy's.</summary>
    public IdentitySource Source { get; internal init; }

    /// <summary>What of it nobody is to be shown.</summary>
    public WithheldIdentity Withheld { get; internal init; }

    /// <summary>It says of itself that it is none (RFC 3323 §4.1.1).</summary>
    public bool IsAnonymous { get; internal init; }

    /// <summary>As written: a quoted string with its quotes, or tokens; empty where there is none.</summary>
    public ReadOnlySpan<byte> DisplayName { get; internal init; }

    public ReadOnlySpan<byte> Uri { get; internal init; }

    /// <summary>The tel URI, alone or beside <see cref="Uri"/>; empty where there is none.</summary>
    public ReadOnlySpan<byte> TelUri { get; internal init; }
}

public sealed partial class CallLayer
{
    [StartUp(Because = "whom we trust is read before start")]
    private static TrustedPeers MakeTrusted(StartGate gate, string[] peers)
    {
        var trusted = new TrustedPeers(gate, peers.Length);
        foreach (string peer in peers)
        {
            if (!trusted.TryAdd(System.Text.Encoding.UTF8.GetBytes(peer)))
                throw new ArgumentException($"\"{peer}\" is no address and no prefix.");
        }
        return trusted;
    }

    // What a trusted proxy says is kept beside the dialog, which has From. False where no buffer is free.
    private bool TryKeepCaller(ref Call call, in TransactionEvent told, SipMessage invite)
    {
        var identity = CallerIdentity.Read(invite, _trusted, told.Flow.Remote);
        (call.CallerSource, call.CallerWithheld, call.CallerIsAnonymous) = (identity.Source, identity.Withheld, identity.IsAnonymous);
        if (identity.Source is IdentitySource.None or IdentitySource.From)
            return true;
        var writer = new ByteWriter(_text);
        call.CallerName = Append(ref writer, identity.DisplayName.In(invite.Text));
        call.CallerUri = Append(ref writer, identity.Uri.Extent.In(invite.Text));
        call.CallerTelUri = Append(ref writer, identity.TelUri.Extent.In(invite.Text));
        return !writer.Overflowed && _buffers.TryCopy(writer.WrittenSpan, out call.Caller);
    }

    /// <summary>Who calls, from the event <see cref="CallEventKind.Incoming"/> to the end. False for a call of our own, and for one that is gone.</summary>
    public bool TryGetCaller(Handle<Call> handle, out CallerText caller)
    {
        caller = default;
        if (!_calls.IsLive(handle) || _calls[handle].IsCaller || !_legs.IsLive(_calls[handle].Leg))
            return false;
        ref readonly var call = ref _calls[handle];
        ReadOnlySpan<byte> text = call.Caller.IsSome ? _buffers.Of(call.Caller) : _dialogs.RemoteOf(_legs[call.Leg].Dialog);
        Slice name = call.CallerName, uri = call.CallerUri, telUri = call.CallerTelUri;
        if (!call.Caller.IsSome && From.TryParse(text, out var from, out _))
        {
            name = from.DisplayName;
            uri = from.Uri.Extent;
            telUri = from.Uri.Kind == SipUriKind.Absolute && Scan.EqualsIgnoreCase(from.Uri.Scheme.In(text), "tel"u8) ? uri : default;
        }
        caller = new()
        {
            Source = call.CallerSource, Withheld = call.CallerWithheld, IsAnonymous = call.CallerIsAnonymous,
            DisplayName = name.In(text), Uri = uri.In(text), TelUri = telUri.In(text),
        };
        return true;
    }

    // The lines of an INVITE that say who we are: all of them for a trusted proxy, and for others the wish for privacy alone. False where they cannot be written.
    private bool TryWriteIdentity(scoped in CallRequest request, ref ByteWriter writer, out Slice identity, out Slice privacy)
    {
        var lines = new MessageBuilder(_description);
        bool isGood = Identity.Write(ref lines, request.IdentityName, request.IdentityUri, request.Privacy, request.IdentityForm);
        identity = Append(ref writer, lines.Written);
        lines = new(_description);
        isGood &= Identity.Write(ref lines, default, default, request.Privacy);
        privacy = Append(ref writer, lines.Written);
        return isGood;
    }
}
