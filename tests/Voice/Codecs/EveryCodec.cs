// All codecs that this machine has, for tests of what holds for each.
using SipEmbedded.Audio;
using SipEmbedded.NativeAudio;

namespace SipEmbedded.Voice.Tests.Codecs;

internal static class EveryCodec
{
    /// <summary>The codecs; those whose library is not installed are absent.</summary>
    public static List<IAudioCodec> Here()
    {
        List<IAudioCodec> codecs = [new G711Codec(AudioCodec.Pcmu), new G711Codec(AudioCodec.Pcma), new L16Codec()];
        if (G722Codec.TryLoad(out var g722, out _))
            codecs.Add(g722!);
        foreach (int rate in (int[])[8000, 16_000, 24_000, 48_000])
        {
            if (OpusCodec.TryLoad(new OpusOptions { SampleRate = rate }, out var opus, out _))
                codecs.Add(opus!);
        }
        return codecs;
    }
}
