// What was played, against a list that keeps everything.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

public sealed class PlaybackHistoryTests
{
    [Fact]
    public void What_was_played_is_read_back_and_all_else_is_silence()
    {
        var random = new Random(21);
        var history = new PlaybackHistory(new StartGate(), 900);
        Assert.Equal(1024, history.Capacity);
        var all = new List<short>();
        for (int round = 0; round < 3000; round++)
        {
            short[] played = new short[random.Next(random.Next(10) == 0 ? 1500 : 300)];
            for (int i = 0; i < played.Length; i++)
                played[i] = (short)random.Next(1, 30_000);
            history.Write(played);
            all.AddRange(played);
            Assert.Equal(all.Count, history.Position);

            short[] read = new short[random.Next(400)];
            long from = history.Position - random.Next(-300, 1800);
            bool isWhole = history.TryRead(from, read);
            bool expected = true;
            for (int i = 0; i < read.Length; i++)
            {
                long at = from + i;
                bool isThere = at >= Math.Max(0, all.Count - history.Capacity) && at < all.Count;
                expected &= isThere;
                Assert.Equal(isThere ? all[(int)at] : 0, read[i]);
            }
            Assert.Equal(expected, isWhole);
        }
    }
}
