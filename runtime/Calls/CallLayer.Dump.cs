// A call in words, for people who look for what is wrong.
using SipEmbedded.Memory;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    /// <summary>
    /// Writes a call as text, each line behind <paramref name="indent"/>: its state, who is in it, for how long, its dialog, its session timer and, with
    /// <paramref name="withMedia"/>, the two descriptions that hold and the figures of their streams. Octets written; 0 where there is no such call or <paramref name="text"/> is too short.
    /// </summary>
    public int Dump(Instant now, Handle<Call> handle, Span<byte> text, bool withMedia, scoped ReadOnlySpan<byte> indent = default)
    {
        if (!TryGetInfo(now, handle, out var info))
            return 0;
        ref readonly var call = ref _calls[handle];
        var writer = new ByteWriter(text);
        BeginLine(ref writer, indent);
        writer.Write(NameOf(info.State));
        writer.Write(info.IsCaller ? ", placed "u8 : ", received "u8);
        WriteSeconds(ref writer, info.Duration);
        writer.Write(" ago"u8);
        if (call.IsAnswered)
        {
            writer.Write(", answered "u8);
            WriteSeconds(ref writer, info.ConnectedFor);
            writer.Write(" ago"u8);
        }
        if (info.LastStatus != 0)
        {
            writer.Write(", last status "u8);
            writer.Write((ulong)info.LastStatus);
        }
        writer.Write(info.IsHeld ? ", on hold\r\n"u8 : "\r\n"u8);
        if (TryGetDialog(handle, out var dialog) && dialog.IsSome)
        {
            WriteLine(ref writer, indent, "local    "u8, _dialogs.LocalOf(dialog));
            WriteLine(ref writer, indent, "remote   "u8, _dialogs.RemoteOf(dialog));
            WriteLine(ref writer, indent, "target   "u8, _dialogs.TargetOf(dialog));
            WriteLine(ref writer, indent, "Call-ID  "u8, _dialogs.CallIdOf(dialog));
        }
        if (TryGetCaller(handle, out var caller))
            WriteCaller(ref writer, indent, caller);
        BeginLine(ref writer, indent);
        writer.Write("way      "u8);
        writer.Write(TransportLayer.NameOf(info.Flow.Protocol));
        writer.Write((byte)' ');
        info.Flow.Remote.WriteHostPort(ref writer);
        writer.Write("\r\n"u8);
        if (info.SessionSeconds > 0)
        {
            BeginLine(ref writer, indent);
            writer.Write("session  "u8);
            writer.Write((ulong)info.SessionSeconds);
            writer.Write(info.IsRefresher ? " s, refreshed by us, ends in "u8 : " s, refreshed by the peer, ends in "u8);
            WriteSeconds(ref writer, call.Timer.ExpiresAt - now);
            writer.Write("\r\n"u8);
        }
        if (withMedia && _legs.IsLive(call.Leg) && info.HasMedia)
        {
            WriteDescription(ref writer, indent, "ours     "u8, _negotiator.AgreedLocal(_legs[call.Leg].Media));
            WriteDescription(ref writer, indent, "theirs   "u8, _negotiator.AgreedRemote(_legs[call.Leg].Media));
            _negotiator.WriteFigures(_legs[call.Leg].Media, ContextOf(handle), ref writer, indent);
        }
        return writer.Overflowed ? 0 : writer.Written;
    }

    private static void WriteCaller(ref ByteWriter writer, scoped ReadOnlySpan<byte> indent, scoped in CallerText caller)
    {
        BeginLine(ref writer, indent);
        writer.Write("caller   "u8);
        writer.Write(caller.DisplayName);
        writer.Write(caller.DisplayName.IsEmpty ? "<"u8 : " <"u8);
        writer.Write(caller.Uri);
        writer.Write((byte)'>');
        if (!caller.TelUri.IsEmpty && !caller.TelUri.SequenceEqual(caller.Uri))
        {
            writer.Write(" <"u8);
            writer.Write(caller.TelUri);
            writer.Write((byte)'>');
        }
        writer.Write(caller.Source is IdentitySource.AssertedIdentity or IdentitySource.RemotePartyId ? ", by a trusted peer"u8 : ", by its own word"u8);
        writer.Write(caller.Withheld != WithheldIdentity.None ? ", not to be shown\r\n"u8 : "\r\n"u8);
    }

    private static ReadOnlySpan<byte> NameOf(CallState state) => state switch
    {
        CallState.Calling => "calling"u8,
        CallState.Incoming => "incoming"u8,
        CallState.Early => "ringing"u8,
        CallState.Connecting => "answered, not acknowledged"u8,
        CallState.Confirmed => "confirmed"u8,
        CallState.Ending => "ending"u8,
        _ => "none"u8,
    };

    private static void BeginLine(ref ByteWriter writer, scoped ReadOnlySpan<byte> indent) => writer.Write(indent);

    private static void WriteLine(ref ByteWriter writer, scoped ReadOnlySpan<byte> indent, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        BeginLine(ref writer, indent);
        writer.Write(name);
        writer.Write(value);
        writer.Write("\r\n"u8);
    }

    private static void WriteDescription(ref ByteWriter writer, scoped ReadOnlySpan<byte> indent, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> description)
    {
        while (!description.IsEmpty)
        {
            int end = description.IndexOf((byte)'\n');
            var line = end < 0 ? description : description[..end];
            WriteLine(ref writer, indent, name, line.TrimEnd((byte)'\r'));
            description = end < 0 ? default : description[(end + 1)..];
        }
    }

    private static void WriteSeconds(ref ByteWriter writer, TimeSpan span)
    {
        writer.WriteThousandths((uint)Math.Min(span.TotalMilliseconds, uint.MaxValue));
        writer.Write(" s"u8);
    }
}
