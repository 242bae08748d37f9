// What happened, in order, and a fingerprint of it: two runs with one fingerprint were the same run.
using System.Buffers.Binary;
using System.Numerics;

namespace SipEmbedded.Simulation;

internal sealed class History
{
    private const ulong Factor = 0x9FB21C651E98DF25;

    private const int Last = 100;

    private readonly List<Occurrence> _occurrences = [];

    public IReadOnlyList<Occurrence> Occurrences => _occurrences;

    /// <summary>Of everything so far: kinds, times, places, octets and notes.</summary>
    public ulong Fingerprint { get; private set; } = 0xCBF29CE484222325;

    public long Count { get; private set; }

    /// <summary>False keeps the last hundred alone, for runs of simulated hours; all of them are in the fingerprint.</summary>
    public bool IsKept { get; init; } = true;

    public void Add(Occurrence occurrence)
    {
        Count++;
        _occurrences.Add(occurrence);
        if (!IsKept && _occurrences.Count == 2 * Last)
            _occurrences.RemoveRange(0, Last);
        Mix((ulong)occurrence.Time.Ticks);
        Mix((ulong)occurrence.Kind << 32 ^ (uint)(occurrence.Node?.Number ?? -1));
        Mix(occurrence.Flow.Remote.Port ^ (ulong)occurrence.Flow.Remote.Address << 16);
        foreach (char letter in occurrence.Note)
            Mix(letter);
        var octets = occurrence.Octets.AsSpan();
        for (; octets.Length >= sizeof(ulong); octets = octets[sizeof(ulong)..])
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(octets));
        foreach (byte octet in octets)
            Mix(octet);
    }

    private void Mix(ulong value)
    {
        ulong mixed = (Fingerprint ^ value) * Factor;
        Fingerprint = BitOperations.RotateLeft(mixed ^ mixed >> 29, 23);
    }
}
