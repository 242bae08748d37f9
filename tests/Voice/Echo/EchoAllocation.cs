// Counts what frames of an echo path allocate.
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

internal static class EchoAllocation
{
    public static void Measure(EchoPath path, int frames)
    {
        short[] speech = SpeechLike.Make(16_000, 2), played = new short[160], cleaned = new short[160];
        Run(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(frames);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                speech.AsSpan(i % 200 * 160, 160).CopyTo(played);
                path.Play(played);
                path.Clean(speech.AsSpan((i + 7) % 200 * 160, 160), i % 1000 < 500 ? 320 : 700, cleaned);
                if (i % 900 == 899)
                    path.Reset();
            }
        }
    }
}
