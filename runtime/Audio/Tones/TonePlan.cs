// Which tones a country's telephones are used to (ITU-T E.180 Supplement 2, "Various tones used in national networks"), and those of a door.
//
// note [national tones]
// Where an administration names several, the commonest is taken. France and others name no congestion tone, their networks send busy twice as fast. The
// durations are exact and so have no tolerance of the supplement's.
namespace SipEmbedded.Audio;

public enum ToneCountry : byte
{
    Austria,
    Australia,
    Switzerland,
    Germany,
    Spain,
    France,
    UnitedKingdom,
    Italy,
    Japan,
    Netherlands,
    Poland,
    UnitedStates,
}

/// <summary>The call progress tones (ITU-T E.180 §3 to §7, ITU-T E.182).</summary>
public enum ProgressTone : byte
{
    Dial,
    Ringback,
    Busy,
    Congestion,
    CallWaiting,
}

/// <summary>Tones by country; see note [national tones].</summary>
public static class TonePlan
{
    /// <summary>Countries that have a plan.</summary>
    public const int Countries = (int)ToneCountry.UnitedStates + 1;

    /// <summary>The level of each frequency of a progress tone in dBm0; E.180 §2.2 recommends -10 ± 5, measured where it is made.</summary>
    public const double DefaultLevelDbm0 = -13;

    // ISO 3166-1, in the order of ToneCountry.
    private static ReadOnlySpan<byte> Codes => "ATAUCHDEESFRGBITJPNLPLUS"u8;

    /// <summary>The country of a two-letter code (ISO 3166-1) in either case, and UK; false for one that has no plan.</summary>
    public static bool TryFind(ReadOnlySpan<byte> code, out ToneCountry country)
    {
        country = ToneCountry.UnitedKingdom;
        if (code.Length != 2)
            return false;
        byte first = (byte)(code[0] & ~0x20);
        byte second = (byte)(code[1] & ~0x20);
        if (first == 'U' && second == 'K')
            return true;
        for (int i = 0; i < Countries; i++)
        {
            if (Codes[2 * i] == first && Codes[2 * i + 1] == second)
            {
                country = (ToneCountry)i;
                return true;
            }
        }
        return false;
    }

    /// <summary>A country's tone. All repeat until they are stopped.</summary>
    public static ToneCadence Of(ToneCountry country, ProgressTone tone) => tone switch
    {
        ProgressTone.Dial => DialOf(country),
        ProgressTone.Ringback => RingbackOf(country),
        ProgressTone.Busy => BusyOf(country),
        ProgressTone.Congestion => CongestionOf(country),
        _ => CallWaitingOf(country),
    };

    /// <summary>Two notes of a gong, a major third apart, the second ringing longer.</summary>
    public static ToneCadence Chime => new(
        [
            new() { First = 659.26f, Second = 1318.51f, SecondDb = -14, DurationMs = 600, DecayMs = 350 },
            new() { First = 523.25f, Second = 1046.50f, SecondDb = -14, DurationMs = 2_400, DecayMs = 550 },
        ],
        repeats: false);

    /// <summary>A short beep that says that somebody else listens: 1,400 Hz for 80 ms, as the record tone of E.180, now and every so many seconds.</summary>
    public static ToneCadence PrivacyBeep(int everySeconds) => Pulse(1_400, 0, 80, Math.Max(everySeconds, 1) * 1_000 - 80);

    /// <summary>
    /// The two frequencies of a key (ITU-T Q.23), the higher 2 dB louder since lines weaken it more; false for a key without tones.
    /// <paramref name="durationMs"/>: 0 until it is stopped.
    /// </summary>
    public static bool TryGetKey(byte key, int durationMs, int pauseMs, out ToneCadence cadence)
    {
        cadence = default;
        if (!TelephoneKeys.TryGetEvent(key, out byte code) || code >= TouchTone.Keys)
            return false;
        var tones = new ToneStep { First = TouchTone.RowOf(code), Second = TouchTone.ColumnOf(code), SecondDb = 2, LevelDb = -1, DurationMs = durationMs };
        cadence = pauseMs > 0 ? new([tones, Silence(pauseMs)], repeats: false) : new([tones], repeats: false);
        return true;
    }

    private static ToneCadence DialOf(ToneCountry country) => country switch
    {
        ToneCountry.Austria => Steady(420, 0),
        ToneCountry.Australia => Steady(413, 438),
        ToneCountry.France => Steady(440, 0),
        ToneCountry.UnitedKingdom or ToneCountry.UnitedStates => Steady(350, 440),
        ToneCountry.Italy => Pulses(Burst(425, 0, 200), 200, Burst(425, 0, 600), 1_000),
        ToneCountry.Japan => Steady(400, 0),
        _ => Steady(425, 0),
    };

    private static ToneCadence RingbackOf(ToneCountry country) => country switch
    {
        ToneCountry.Austria => Pulse(420, 0, 1_000, 5_000),
        ToneCountry.Australia => Pulses(Burst(413, 438, 400), 200, Burst(413, 438, 400), 2_000),
        ToneCountry.Spain => Pulse(425, 0, 1_500, 3_000),
        ToneCountry.France => Pulse(440, 0, 1_500, 3_500),
        ToneCountry.UnitedKingdom => Pulses(Burst(400, 450, 400), 200, Burst(400, 450, 400), 2_000),
        ToneCountry.Japan => Pulse(Modulated(400, 16, 1_000), 2_000),
        ToneCountry.UnitedStates => Pulse(440, 480, 2_000, 4_000),
        _ => Pulse(425, 0, 1_000, 4_000),
    };

    private static ToneCadence BusyOf(ToneCountry country) => country switch
    {
        ToneCountry.Austria => Pulse(420, 0, 400, 400),
        ToneCountry.Australia => Pulse(425, 0, 375, 375),
        ToneCountry.Germany => Pulse(425, 0, 480, 480),
        ToneCountry.Spain => Pulse(425, 0, 200, 200),
        ToneCountry.France => Pulse(440, 0, 500, 500),
        ToneCountry.UnitedKingdom => Pulse(400, 0, 375, 375),
        ToneCountry.Japan => Pulse(400, 0, 500, 500),
        ToneCountry.UnitedStates => Pulse(480, 620, 500, 500),
        _ => Pulse(425, 0, 500, 500),
    };

    private static ToneCadence CongestionOf(ToneCountry country) => country switch
    {
        ToneCountry.Austria => Pulse(420, 0, 200, 200),
        // Each second burst is 10 dB weaker.
        ToneCountry.Australia => Pulses(Burst(425, 0, 375), 375, Burst(425, 0, 375) with { LevelDb = -10 }, 375),
        ToneCountry.Germany => Pulse(425, 0, 240, 240),
        ToneCountry.Spain => new(
            [Burst(425, 0, 200), Silence(200), Burst(425, 0, 200), Silence(200), Burst(425, 0, 200), Silence(600)], repeats: true),
        ToneCountry.France => Pulse(440, 0, 250, 250),
        ToneCountry.UnitedKingdom => Pulses(Burst(400, 0, 400), 350, Burst(400, 0, 225), 525),
        ToneCountry.Japan => Pulse(400, 0, 500, 500),
        ToneCountry.Netherlands => Pulse(425, 0, 250, 250),
        ToneCountry.Poland => Pulse(425, 0, 500, 500),
        ToneCountry.UnitedStates => Pulse(480, 620, 250, 250),
        _ => Pulse(425, 0, 200, 200),
    };

    private static ToneCadence CallWaitingOf(ToneCountry country) => country switch
    {
        ToneCountry.Austria => Pulse(420, 0, 40, 1_960),
        ToneCountry.Australia => Pulses(Burst(425, 0, 200), 200, Burst(425, 0, 200), 4_400),
        ToneCountry.Switzerland => Pulses(Burst(425, 0, 200), 200, Burst(425, 0, 200), 4_000),
        ToneCountry.Germany => Pulses(Burst(425, 0, 200), 200, Burst(425, 0, 200), 5_000),
        ToneCountry.Spain => Pulses(Burst(425, 0, 175), 175, Burst(425, 0, 175), 3_500),
        ToneCountry.UnitedKingdom => Pulse(400, 0, 100, 4_000),
        ToneCountry.Italy => new(
            [Burst(425, 0, 400), Silence(100), Burst(425, 0, 250), Silence(100), Burst(425, 0, 150), Silence(14_000)], repeats: true),
        ToneCountry.Japan => Pulse(Modulated(400, 16, 500), 8_000),
        ToneCountry.Netherlands => Pulse(425, 0, 500, 9_500),
        ToneCountry.Poland => Pulses(Burst(425, 0, 150), 150, Burst(425, 0, 150), 4_000),
        _ => Pulse(440, 0, 300, 10_000),
    };

    private static ToneStep Burst(float first, float second, int milliseconds) => new() { First = first, Second = second, DurationMs = milliseconds };

    private static ToneStep Modulated(float carrier, float by, int milliseconds) =>
        new() { First = carrier, Second = by, IsModulated = true, DurationMs = milliseconds };

    private static ToneStep Silence(int milliseconds) => new() { DurationMs = milliseconds };

    private static ToneCadence Steady(float first, float second) => new([Burst(first, second, 0)], repeats: true);

    private static ToneCadence Pulse(float first, float second, int onMs, int offMs) => Pulse(Burst(first, second, onMs), offMs);

    private static ToneCadence Pulse(ToneStep burst, int offMs) => new([burst, Silence(offMs)], repeats: true);

    private static ToneCadence Pulses(ToneStep first, int firstOffMs, ToneStep second, int secondOffMs) =>
        new([first, Silence(firstOffMs), second, Silence(secondOffMs)], repeats: true);
}
