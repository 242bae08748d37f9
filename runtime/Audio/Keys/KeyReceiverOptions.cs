// What may be set about receiving keys.
namespace SipEmbedded.Audio;

/// <summary>Settings of a <see cref="KeyReceiver"/>, read once when it is made.</summary>
public sealed class KeyReceiverOptions
{
    /// <summary>
    /// Keys that are quieter are ignored, in dBm0 without the sign. 63 takes all; 36 is where RFC 2833 §3.5 let a receiver stop. A peer that reports an echo or
    /// speech as keys sends them quiet.
    /// </summary>
    public byte QuietestVolume { get; init; } = TelephoneEvent.QuietestVolume;
}
