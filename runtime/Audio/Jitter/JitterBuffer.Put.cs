// Packets come in: which belong to the stream, where in it, and what gives way for them. See note [the delay of sound] in JitterBuffer.cs.
using SipEmbedded.Memory;
using SipEmbedded.Rtp;

namespace SipEmbedded.Audio;

public sealed partial class JitterBuffer
{
    // More sound waits than the maximum delay for the moment in which a stall ends, and by one packet of 60 ms.
    private const int WaitingSlackMs = 60;

    /// <summary>
    /// A packet of sound came. <paramref name="decoder"/> will be asked to decode it, when its time has come, at <paramref name="decoderRate"/> samples a second
    /// (8,000, 16,000 or 48,000); its timestamp counts <paramref name="clockRate"/> a second. Decoders may change from packet to packet; one that takes over is reset.
    /// </summary>
    public JitterVerdict Put(Instant now, in RtpHeader header, ReadOnlySpan<byte> payload, IAudioDecoder decoder, uint clockRate, int decoderRate)
    {
        _figures.Packets++;
        if (payload.Length > PacketOctets)
        {
            _figures.TooLarge++;
            return JitterVerdict.TooLarge;
        }
        if (clockRate == 0 || !RateConverters.Knows(decoderRate))
        {
            _figures.WrongRate++;
            return JitterVerdict.WrongRate;
        }
        int samples = decoder.SamplesIn(payload);
        long duration = (long)samples * _sampleRate / decoderRate;
        if (duration < 1 || samples > decoderRate / 1000 * MaximumFrameMs)
        {
            _figures.Broken++;
            return JitterVerdict.Broken;
        }
        var packet = new Packet { Decoder = decoder, DecoderRate = decoderRate, Samples = samples, Duration = (int)duration, Octets = payload.Length };
        return Place(SamplesAt(now), header, payload, packet, clockRate);
    }

    /// <summary>
    /// A packet of the same source came that is no sound (an event, RFC 4733): its sequence number is not missing, and the time until the next sound is a pause.
    /// </summary>
    public void Skip(in RtpHeader header)
    {
        if (!_hasSource || header.Source != _source)
            return;
        int ahead = (short)(header.Sequence - _next);
        // Many of them, or some were lost: nothing waits for what was before.
        if (ahead is >= Slots and < LargestLoss && _waiting == 0)
        {
            _next = header.Sequence;
            _past = _skipped = 0;
            ahead = 0;
        }
        if (ahead is >= 0 and < Slots)
            _skipped |= BitOf(header.Sequence) & ~_waiting;
    }

    /// <summary>The next packet begins anew, in whatever source and from whatever number: who judged it knows so.</summary>
    public void Restart() => _isRestartKnown = true;

    private JitterVerdict Place(long arrival, in RtpHeader header, ReadOnlySpan<byte> payload, Packet packet, uint clockRate)
    {
        bool isRestart = false;
        int ahead = (short)(header.Sequence - _next);
        if (!_hasSource || header.Source != _source || _isRestartKnown)
        {
            isRestart = _hasSource;
            Restart(header);
            ahead = 0;
        }
        else if (ahead is < -Slots or >= Slots)
        {
            if (ahead is > 0 and < LargestLoss && _waiting == 0)
                LoseUntil(header.Sequence, ahead);
            else if (_hasStray && header.Sequence == _afterStray)
            {
                isRestart = true;
                Restart(header);
            }
            else
                return TakeForStray(header.Sequence);
            ahead = 0;
        }
        _hasStray = false;
        if (ahead < 0 && !TryBeginBefore(ahead))
            return RefuseLate(arrival, header, packet, clockRate, ahead);
        if ((_waiting & BitOf(header.Sequence)) != 0)
        {
            _figures.Duplicates++;
            return JitterVerdict.Duplicate;
        }
        packet.Place = _clock.Place(arrival, header, packet.Duration, clockRate, _target.Base);
        _target.Observe(arrival, arrival - packet.Place, packet.Duration);
        int slot = header.Sequence % Slots;
        _packets[slot] = packet;
        payload.CopyTo(_octets.AsSpan(slot * PacketOctets));
        _waiting |= BitOf(header.Sequence);
        _skipped &= ~BitOf(header.Sequence);
        _waitingSamples += packet.Duration;
        bool hasOverflown = DropOldest();
        return isRestart ? JitterVerdict.QueuedAfterRestart : hasOverflown ? JitterVerdict.QueuedOverOthers : JitterVerdict.Queued;
    }

    // Another source, or the same from a new beginning.
    private void Restart(in RtpHeader header)
    {
        _isRestartKnown = false;
        if (_hasSource)
        {
            _figures.Restarts++;
            _figures.Overflows += Count;
        }
        _hasSource = true;
        _source = header.Source;
        _isNewSource = true;
        _clock.Restart();
        Forget(header.Sequence);
    }

    // Nothing came for a while, then the stream goes on farther than there are slots.
    private void LoseUntil(ushort sequence, int ahead)
    {
        _figures.Lost += ahead;
        Forget(sequence);
    }

    private JitterVerdict TakeForStray(ushort sequence)
    {
        _hasStray = true;
        _afterStray = (ushort)(sequence + 1);
        _figures.Strays++;
        return JitterVerdict.Stray;
    }

    // The first packets of a stream may have overtaken each other, too.
    private bool TryBeginBefore(int ahead)
    {
        if (_hasPlayed || (_waiting & ~BitsFrom(_next, Slots + ahead)) != 0)
            return false;
        _next = (ushort)(_next + ahead);
        return true;
    }

    // Too late to be heard, but it says how late packets can be.
    private JitterVerdict RefuseLate(long arrival, in RtpHeader header, in Packet packet, uint clockRate, int ahead)
    {
        ulong bit = 1UL << (-ahead - 1);
        if ((_past & bit) != 0)
        {
            _figures.Duplicates++;
            return JitterVerdict.Duplicate;
        }
        _past |= bit;
        _figures.Late++;
        _target.Observe(arrival, arrival - _clock.Place(arrival, header, packet.Duration, clockRate, _target.Base), packet.Duration);
        return JitterVerdict.Late;
    }

    private bool DropOldest()
    {
        bool hasDropped = false;
        while (_waitingSamples > _mostWaiting)
        {
            Pass(FirstAhead());
            _figures.Overflows++;
            _isJump = hasDropped = true;
        }
        return hasDropped;
    }
}
