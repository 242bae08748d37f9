// After start the pools allocate nothing: octets counted over many operations of each.
using SipEmbedded.Memory;
using SipEmbedded.Text;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class AllocationTests
{
    private const int Rounds = 100_000;

    private sealed class Zeros : IEntropySource
    {
        public void Fill(Span<byte> octets) => octets.Clear();
    }

    [Fact]
    public void A_hundred_thousand_rounds_of_everything_allocate_nothing()
    {
        var gate = new StartGate();
        var slots = new SlotMap<long>(gate, "slots", 3);
        var index = new HashIndex(gate, "slots", 3);
        var ring = new Ring<int>(gate, "ring", 3);
        var buffers = new BufferPool(gate, "buffers", new BufferClass(100, 2), new BufferClass(600, 2));
        var wheel = new TimerWheel(gate, "timers", 4);
        var entropy = new Entropy(gate, new Zeros());
        var hash = new KeyedHash(new byte[KeyedHash.KeyOctets]);
        byte[] text = new byte[60];
        gate.Close();
        // What the runtime allocates once, for itself, is behind us.
        long work = Round(0) + Round(1);

        long before = HeapCount.Begin();
        for (int i = 0; i < Rounds; i++)
            work += Round(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, work);
        Assert.True(slots.Refused >= Rounds && buffers.Refused >= Rounds);

        long Round(int i)
        {
            long sum = 0;
            var now = Instant.FromMilliseconds(i);
            ulong fingerprint = (ulong)hash.Of(text) + entropy.Next() + entropy.Below(5);
            slots.TryAdd(out var first);
            index.Add(fingerprint, first.Index);
            slots.TryAdd(out var second);
            slots.TryAdd(out var third);
            sum += slots.TryAdd(out _) ? 1 : 0;
            sum += slots.IsLive(first) && index.First(fingerprint) == first.Index ? 1 : 0;
            for (int slot = slots.NextTaken(0); slot >= 0; slot = slots.NextTaken(slot + 1))
                sum += slots.At(slot)++;
            index.Remove(fingerprint, first.Index);
            slots.Remove(second);
            slots.Remove(first);
            slots.Remove(third);

            for (int item = 0; item < 4; item++)
                sum += ring.TryAdd(item) ? ring.First : 0;
            while (ring.TryTake(out int item))
                sum += item;

            buffers.TryCopy(text, out var small);
            buffers.TryTake(601, out _);
            buffers.TryTake(600, out var large);
            buffers.Retain(large);
            sum += buffers.Of(small).Length + buffers.WholeOf(large).Length;
            buffers.Release(large);
            buffers.Release(small);
            buffers.Release(large);

            wheel.Arm(0, now + TimeSpan.FromMilliseconds(i % 7));
            wheel.Arm(1, now + TimeSpan.FromMilliseconds(500));
            wheel.Arm(2, now + TimeSpan.FromSeconds(32));
            wheel.Cancel(2);
            if (wheel.NextDeadline <= now)
            {
                while (wheel.TryPop(now, out int timer))
                    sum += timer;
            }

            var writer = new ByteWriter(text);
            IpEndpoint.V6(new UInt128(0x20010db800000000, (ulong)i), 5060).WriteHostPort(ref writer);
            sum += IpEndpoint.TryRead(writer.WrittenSpan[..^5], 5060, out var read) ? read.GetHashCode() & 0xFF : 0;
            return sum;
        }
    }
}
