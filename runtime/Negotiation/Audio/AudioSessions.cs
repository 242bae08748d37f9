// Ports and agreements by session, in arrays: for sessions that are numbered, as slots are.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>
/// Gives each session a fixed port for its audio, and remembers what was agreed. The low 32 bits of <see cref="StreamContext.Session"/> are the number of a slot,
/// from 0; the high ones tell one user of a slot from the next.
/// </summary>
public sealed class AudioSessions : IAudioMedia
{
    // RTP has an even port, RTCP the next one (RFC 3550 §11).
    private const int PortsEach = 2;

    private struct Slot
    {
        public ulong Session;
        public AgreedAudio Audio;

        // The stream that was agreed, from 1.
        public int Stream;
    }

    private readonly Slot[] _slots;
    private readonly int _sessions;
    private readonly ushort _firstPort;

    /// <summary>
    /// Throws <see cref="ArgumentOutOfRangeException"/> where <paramref name="firstPort"/> is odd or 0, or two ports for each session go beyond 65,535.
    /// </summary>
    [StartUp(Because = "a pool is made before start")]
    public AudioSessions(StartGate gate, int sessions, ushort firstPort)
    {
        if (firstPort == 0 || firstPort % PortsEach != 0 || firstPort + (long)sessions * PortsEach > ushort.MaxValue + 1)
            throw new ArgumentOutOfRangeException(nameof(firstPort), firstPort, $"There is no room for {sessions} pairs of ports from there on.");
        _sessions = sessions;
        _firstPort = firstPort;
        _slots = gate.Take<Slot>("audio sessions", sessions);
    }

    /// <summary>How often a session was asked for that has no slot.</summary>
    public long Refused { get; private set; }

    /// <summary>What was agreed of a session's audio; false where there is none.</summary>
    public bool TryGet(ulong session, out AgreedAudio audio)
    {
        audio = default;
        if (!TryFind(session, out int index))
            return false;
        audio = _slots[index].Audio;
        return true;
    }

    public bool TryGetLocal(in StreamContext session, int stream, out IpEndpoint local)
    {
        local = default;
        uint index = (uint)session.Session;
        if (index >= (uint)_sessions)
        {
            Refused++;
            return false;
        }
        local = session.Local.WithPort((ushort)(_firstPort + index * PortsEach));
        return true;
    }

    public void Agreed(in StreamContext session, int stream, in AgreedAudio audio)
    {
        uint index = (uint)session.Session;
        if (index < (uint)_sessions)
            _slots[index] = new() { Session = session.Session, Stream = stream + 1, Audio = audio };
    }

    public void Removed(in StreamContext session, int stream)
    {
        if (TryFind(session.Session, out int index) && _slots[index].Stream == stream + 1)
            _slots[index] = default;
    }

    /// <summary>Nothing: a session has its port whether it is used or not.</summary>
    public void RolledBack(in StreamContext session)
    {
    }

    public void Ended(in StreamContext session)
    {
        if (TryFind(session.Session, out int index))
            _slots[index] = default;
    }

    private bool TryFind(ulong session, out int index)
    {
        index = (int)(uint)session;
        return (uint)session < (uint)_sessions && _slots[index].Stream != 0 && _slots[index].Session == session;
    }
}
