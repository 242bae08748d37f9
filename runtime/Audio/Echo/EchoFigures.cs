// How a canceller is doing, for figures of a call and for whoever installs a device.
namespace SipEmbedded.Audio;

/// <summary>Who is heard.</summary>
[Flags]
public enum Talkers : byte
{
    None = 0,
    Far = 1,
    Near = 2,

    /// <summary>Double talk.</summary>
    Both = Far | Near,
}

/// <summary>What a canceller has measured of its own work.</summary>
public readonly record struct EchoFigures
{
    public Talkers Talkers { get; init; }

    /// <summary>Echo return loss enhancement (ITU-T G.168 §3): by how many dB what is captured is quieter for the canceller, over the last seconds of the far side alone; 0 until then.</summary>
    public double ErleDb { get; init; }

    /// <summary>How much louder the echo is at the microphone than it is played, in dB; negative where it is quieter.</summary>
    public double CouplingDb { get; init; }

    /// <summary>What is left of the last captured frame, in dBov.</summary>
    public double NearLevelDbov { get; init; }

    /// <summary>The last frame of the reference, in dBov.</summary>
    public double FarLevelDbov { get; init; }
}
