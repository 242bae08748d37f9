// What a session description says of each codec, by the tables of RFC 3551 §6 and RFC 7587 §7.
using System.Text;
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests;

public class AudioCodecTests
{
    [Theory]
    [InlineData(AudioCodec.Pcmu, "PCMU", 0, 8000, 1)]
    [InlineData(AudioCodec.Pcma, "PCMA", 8, 8000, 1)]
    [InlineData(AudioCodec.G722, "G722", 9, 8000, 1)]
    [InlineData(AudioCodec.Opus, "opus", 96, 48000, 2)]
    [InlineData(AudioCodec.L16, "L16", 97, 16000, 1)]
    public void A_codec_is_described_as_its_registration_says(AudioCodec codec, string name, byte payloadType, uint clockRate, byte channels)
    {
        Assert.Equal(name, Encoding.ASCII.GetString(AudioCodecs.NameOf(codec)));
        Assert.Equal(payloadType, AudioCodecs.PayloadTypeOf(codec));
        Assert.Equal(clockRate, AudioCodecs.ClockRateOf(codec));
        Assert.Equal(channels, AudioCodecs.ChannelsOf(codec));
    }

    [Fact]
    public void Every_codec_has_a_payload_type_of_its_own() =>
        Assert.Equal(AudioCodecs.Count, Enum.GetValues<AudioCodec>().Select(AudioCodecs.PayloadTypeOf).Distinct().Count());
}
