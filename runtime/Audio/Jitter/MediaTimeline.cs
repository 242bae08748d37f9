// Where in the medium each packet belongs: its RTP timestamp as a number that neither wraps nor lies.
//
// note [timestamps of the field]
// Peers send the same timestamp in every packet, count it at another rate than they said, begin anew with each talkspurt, or stand still while a call is on hold
// (RFC 3550 §5.1 wants it to count the samples even then). What cannot lie is when packets come and which number each has. So a timestamp is believed if
// it moved forward by about as much as the time that has passed. Otherwise the packet is put where its number says, behind the one before; or, where time
// has passed without packets, that much later. A peer whose timestamps are wrong packet by packet is not asked for them any more until they are right again.
using SipEmbedded.Rtp;

namespace SipEmbedded.Audio;

/// <summary>Turns timestamps into places, in samples of what is played out; see note [timestamps of the field].</summary>
public struct MediaTimeline
{
    // A network that stalls delivers packets together, so time and timestamp differ by so much at most. More is taken for a pause.
    private const int BelievedSeconds = 2;

    // So many wrong timestamps more than right ones, and they are not believed; and the most that is remembered against a peer.
    private const int Doubted = 8, MostDoubt = 16;

    private int _sampleRate;
    private bool _hasAny;
    private ushort _sequence;
    private uint _timestamp;
    private uint _clockRate;
    private long _place;
    private long _remainder;
    private long _arrival;
    private int _duration;
    private int _doubt;

    /// <summary>Timestamps that did not fit.</summary>
    public long Faults { get; private set; }

    public void Reset(int sampleRate) => this = new() { _sampleRate = sampleRate };

    /// <summary>Another source: its timestamps begin anywhere.</summary>
    public void Restart()
    {
        _hasAny = false;
        _doubt = 0;
    }

    /// <summary>
    /// The place of a packet that came at <paramref name="arrival"/> and lasts <paramref name="duration"/>. The first one is as fast as <paramref name="fastest"/>,
    /// a transit.
    /// </summary>
    public long Place(long arrival, in RtpHeader header, int duration, uint clockRate, long fastest)
    {
        int ahead = (short)(header.Sequence - _sequence);
        if (!_hasAny)
            return Take(arrival, header, duration, clockRate, arrival - fastest);
        int units = (int)(header.Timestamp - _timestamp);
        if (ahead <= 0)
        {
            // It was overtaken. It cannot lie behind the one that did so, or far before it.
            long before = (long)units * _sampleRate / clockRate;
            bool isBelieved = _doubt < Doubted && clockRate == _clockRate && before <= 0 && before > -BelievedSeconds * _sampleRate;
            return _place + (isBelieved ? before : (long)ahead * duration);
        }
        long elapsed = arrival - _arrival, counted = (long)ahead * _duration;
        long scaled = (long)units * _sampleRate + _remainder, said = scaled / clockRate;
        long remainder = scaled - said * clockRate;
        if (clockRate == _clockRate)
        {
            if (ahead == 1)
                Judge(said, counted, elapsed);
            if (units > 0 && _doubt < Doubted && Math.Abs(said - elapsed) <= BelievedSeconds * _sampleRate)
            {
                long place = _place + said;
                Take(arrival, header, duration, clockRate, place);
                _remainder = remainder;
                return place;
            }
            Faults++;
        }
        bool isPause = elapsed - counted > BelievedSeconds * _sampleRate;
        return Take(arrival, header, duration, clockRate, _place + (isPause ? elapsed : counted));
    }

    // A timestamp that says something else than the packet before holds is right in a pause, when time has passed too.
    private void Judge(long said, long counted, long elapsed)
    {
        bool isWrong = said != counted && Math.Abs(elapsed - counted) < Math.Abs(elapsed - said);
        _doubt = Math.Clamp(_doubt + (isWrong ? 1 : -1), 0, MostDoubt);
    }

    private long Take(long arrival, in RtpHeader header, int duration, uint clockRate, long place)
    {
        _hasAny = true;
        _sequence = header.Sequence;
        _timestamp = header.Timestamp;
        _clockRate = clockRate;
        _place = place;
        _remainder = 0;
        _arrival = arrival;
        _duration = duration;
        return place;
    }
}
