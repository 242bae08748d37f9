// The offer/answer model (RFC 3264, and RFC 6337 for what may happen when) for all sessions of an agent. It knows descriptions and which exchange is open. It
// knows no messages: which of them carries an offer is the caller's. Offers.cs and Answers.cs write and read, Agreement.cs says what then holds.
//
// note [the order of exchanges]
// One exchange is open at a time (RFC 3264 §4). MakeOffer, then TakeAnswer; or TakeOffer, then MakeAnswer; each pair ends Stable. Rollback ends an exchange
// that failed. The six ways of an offer (RFC 6337 §2.2, Table 1) are all these two pairs; they differ in messages only.
//
//     INVITE, UPDATE or PRACK with an offer   sent: MakeOffer, TakeAnswer       received: TakeOffer, MakeAnswer
//     INVITE without one, 2xx or 1xx-rel      sent: TakeOffer (cannot reject), MakeAnswer       received: MakeOffer, TakeAnswer
//     1xx that is not reliable, with an answer    sent: MakeAnswer, and the same text in the 2xx    received: TakeAnswer as a preview, and again in the 2xx
using SipEmbedded.Memory;
using SipEmbedded.Sdp;
using SipEmbedded.Text;

namespace SipEmbedded.Negotiation;

/// <summary>
/// Makes and takes offers and answers; see note [the order of exchanges]. What stands in a stream is the handlers'. They are asked in the midst of each step, so
/// they do not call the negotiator.
/// </summary>
public sealed partial class Negotiator
{
    /// <summary>Kinds of streams, and ways to handle them, that a device has: audio, video, text, fax, each with encryption or without.</summary>
    public const int MaxHandlers = 16;

    // The version of the first description of a session: peers may read it into 32 bits, so it does not begin high.
    private const ulong FirstVersion = 1;

    private readonly NegotiationOptions _options;
    private readonly BufferPool _buffers;
    private readonly IStreamHandler[] _handlers;
    private readonly byte[] _scratch;

    // The answer that was written when the last offer was taken, in _scratch: it goes out where nothing that it hangs on has changed.
    private uint _draft;
    private int _draftLength;
    private StreamContext _draftContext;
    private NegotiationResult _draftResult;
    private NegotiatedSession.Places _draftOwners;

    public NegotiationCounters Counters;

    /// <summary>
    /// <paramref name="buffers"/> holds two descriptions for each session that was agreed, ours and the peer's, and one or two more while an exchange is open.
    /// </summary>
    [StartUp(Because = "a negotiator is made before start")]
    public Negotiator(StartGate gate, NegotiationOptions options, BufferPool buffers, params ReadOnlySpan<IStreamHandler> handlers)
    {
        if (handlers.Length > MaxHandlers)
            throw new ArgumentException($"There are more than {MaxHandlers} handlers of streams.", nameof(handlers));
        _options = options;
        _buffers = buffers;
        _handlers = handlers.ToArray();
        _scratch = gate.Take<byte>("negotiation", 1, options.MaxOctets);
    }

    /// <summary>What we said that holds, as for a 2xx that repeats an answer; empty where nothing was agreed. Good until the session's next step.</summary>
    public ReadOnlySpan<byte> AgreedLocal(in NegotiatedSession session) => TextOf(session.AgreedLocal);

    /// <summary>What the peer said that holds; empty where nothing was agreed.</summary>
    public ReadOnlySpan<byte> AgreedRemote(in NegotiatedSession session) => TextOf(session.AgreedRemote);

    /// <summary>
    /// A copy of a session whose offer is out, for one of several early dialogs that answer it (RFC 6337 §2.1: each has its own exchange). It has buffers of its
    /// own to release. False where no offer is out.
    /// </summary>
    public bool TryFork(in NegotiatedSession session, out NegotiatedSession fork)
    {
        fork = default;
        if (session.State != NegotiationState.LocalOffer)
            return false;
        fork = session;
        Retain(fork.Said);
        Retain(fork.AgreedLocal);
        Retain(fork.AgreedRemote);
        Retain(fork.KeptLocal);
        Retain(fork.KeptRemote);
        // The offer is out.
        fork.SaidBefore = default;
        fork.IsTentative = false;
        // A preview belongs to the dialog that it came in.
        fork.Heard = default;
        fork.IsPreviewTold = false;
        fork.Told = default;
        return true;
    }

    /// <summary>Gives the buffers of a session back; it is as new, without a number. The handlers are told by <see cref="End"/>.</summary>
    public void Release(ref NegotiatedSession session)
    {
        _buffers.Release(session.Said);
        _buffers.Release(session.SaidBefore);
        _buffers.Release(session.AgreedLocal);
        _buffers.Release(session.AgreedRemote);
        _buffers.Release(session.Heard);
        _buffers.Release(session.KeptLocal);
        _buffers.Release(session.KeptRemote);
        session = default;
    }

    /// <summary>Tells the handlers that a session is over.</summary>
    public void End(in StreamContext context)
    {
        foreach (var handler in _handlers)
            handler.Ended(context);
    }

    /// <summary>Writes what the handlers know of the streams that hold (<see cref="IStreamHandler.WriteFigures"/>).</summary>
    public void WriteFigures(in NegotiatedSession session, in StreamContext context, ref ByteWriter writer, scoped ReadOnlySpan<byte> indent)
    {
        var owners = session.IsPreviewTold ? session.Told : session.Agreed;
        for (int i = 0; i < SdpLimits.MaxMediaSections; i++)
        {
            if (owners[i] != 0)
                _handlers[owners[i] - 1].WriteFigures(context, i, ref writer, indent);
        }
    }

    private static NegotiationStatus BusyWith(in NegotiatedSession session) => session.State switch
    {
        NegotiationState.LocalOffer => NegotiationStatus.OfferPending,
        NegotiationState.RemoteOffer => NegotiationStatus.AnswerOwed,
        _ => NegotiationStatus.Ok,
    };

    private NegotiationResult Unacceptable(WarningCode cause)
    {
        Counters.Unacceptable++;
        return new(NegotiationStatus.Unacceptable, cause);
    }

    private NegotiationResult Malformed(ParseFault fault)
    {
        Counters.Malformed++;
        return new(NegotiationStatus.Malformed, WarningCode.Miscellaneous, fault);
    }

    private NegotiationResult NoRoom()
    {
        Counters.NoRoom++;
        return new(NegotiationStatus.NoRoom);
    }

    private void Retain(Memory.Buffer buffer)
    {
        if (buffer.IsSome)
            _buffers.Retain(buffer);
    }

    private ReadOnlySpan<byte> TextOf(Memory.Buffer buffer) => buffer.IsSome ? _buffers.Of(buffer) : default;

    // The peer's, which was read before it was kept.
    private SdpDescription ReadRemote(Memory.Buffer buffer) =>
        buffer.IsSome ? SdpDescription.ReadAgain(_buffers.Of(buffer), _options.Leniency) : default;

    // Ours, as handlers wrote it, so that it has no fault; one without streams where there is none.
    private SdpDescription Read(Memory.Buffer buffer)
    {
        if (!buffer.IsSome)
            return default;
        SdpDescription.TryRead(_buffers.Of(buffer), _options.Leniency, out var description, out _);
        return description;
    }

    // ---- Writing ------------------------------------------------------------------------------------------------------------------

    // The session's lines. The version is that which the text has if it is a new one.
    private static void WriteHead(ref ByteWriter writer, ref NegotiatedSession session, in StreamContext context, TimeField time)
    {
        if (!session.Said.IsSome)
            session.OriginAddress = context.Local;
        SdpBuilder.WriteVersion(ref writer);
        StreamAddress.WriteOrigin(ref writer, session.Origin, NextVersion(session), session.OriginAddress);
        SdpBuilder.WriteSessionName(ref writer, "-"u8);
        StreamAddress.WriteConnection(ref writer, context.Local);
        SdpBuilder.WriteTime(ref writer, time.StartSeconds, time.StopSeconds);
    }

    private static ulong NextVersion(in NegotiatedSession session) => session.Said.IsSome ? session.Version + 1 : FirstVersion;

    // A stream that is not used: port 0, and one of its formats, since there must be one and none means anything (RFC 3264 §6, §8.2).
    private static void WriteRefused(ref ByteWriter writer, scoped in SdpMedia media)
    {
        var field = media.Field;
        var format = field.Formats;
        foreach (var first in media.Formats)
        {
            format = first;
            break;
        }
        SdpBuilder.WriteMediaFormats(ref writer, field.Media.In(media.Text), 0, field.Protocol.In(media.Text), format.In(media.Text));
    }

    // What a handler wrote is one media section, or the places would no longer be those of the peer.
    private static bool IsSection(ReadOnlySpan<byte> text) => text.StartsWith("m="u8) && text.EndsWith("\r\n"u8) && text.IndexOf("\r\nm="u8) < 0;

    /// <summary>
    /// Keeps a text that goes out. Where it says what was said last, it is replaced by that, with the same version (RFC 3264 §8). False where no buffer is free.
    /// </summary>
    private bool TryKeep(ref NegotiatedSession session, Span<byte> text, ref int length)
    {
        StandBy(ref session);
        var said = TextOf(session.Said);
        if (IsSame(said, text[..length]))
        {
            // A version never has more digits than the next one.
            said.CopyTo(text);
            length = said.Length;
            return true;
        }
        if (!_buffers.TryCopy(text[..length], out var kept))
            return false;
        session.Version = NextVersion(session);
        session.SaidBefore = session.Said;
        session.Said = kept;
        session.IsTentative = true;
        return true;
    }

    // What was said last is on its way.
    private void StandBy(ref NegotiatedSession session)
    {
        _buffers.Release(session.SaidBefore);
        session.SaidBefore = default;
        session.IsTentative = false;
    }

    private static bool IsSame(ReadOnlySpan<byte> said, ReadOnlySpan<byte> text)
    {
        if (said.IsEmpty)
            return false;
        var (saidStart, saidEnd) = VersionIn(said);
        var (start, end) = VersionIn(text);
        return said[..saidStart].SequenceEqual(text[..start]) && said[saidEnd..].SequenceEqual(text[end..]);
    }

    // Where the version stands in a text of ours.
    private static (int Start, int End) VersionIn(ReadOnlySpan<byte> text)
    {
        int start = "v=0\r\no=- "u8.Length;
        start += text[start..].IndexOf((byte)' ') + 1;
        return (start, start + text[start..].IndexOf((byte)' '));
    }
}
