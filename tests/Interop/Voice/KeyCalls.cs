// Keys by each way that a peer has, to us and from us: calls in which all keys of a telephone are pressed one after the other, and what was heard of them.
using SipEmbedded.Interop.Tests.Calls;

namespace SipEmbedded.Interop.Tests.Voice;

/// <summary>A call with keys: <see cref="Make"/> gives those that were heard, in brackets what came in another way than it should.</summary>
internal sealed record KeyCall(string Peer, string Way, bool IsToUs, string Needs, Func<string> Make)
{
    /// <summary>Each once, and one twice in a row, which must not become one.</summary>
    public const string Keys = "1234567890*#55";

    private const string Event = "event", Info = "info", Tone = "tone";
    private const string Baresip = "baresip", Linphone = "linphonec", Sipp = "sipp", Ourselves = "ourselves";

    private static readonly TimeSpan s_held = TimeSpan.FromMilliseconds(120), s_between = TimeSpan.FromMilliseconds(180);

    // Behind each key it sleeps for a second, in which it reads no answer; a request that follows waits for that.
    private static readonly TimeSpan s_linphonesTurn = TimeSpan.FromSeconds(1.4);

    // Longer than "doorphone call" takes to press them.
    private const string TalkSeconds = "8";

    // Tones in a file begin when both have long heard each other.
    private const int TonesBeginMs = 1_500;

    public static IReadOnlyList<KeyCall> All { get; } =
    [
        new(Baresip, Event, true, Baresip, BaresipPresses),
        new(Baresip, Tone, true, Baresip, BaresipPlays),
        new(Baresip, Event, false, Baresip, () => BaresipHears(Event)),
        new(Baresip, Info, false, Baresip, () => BaresipHears(Info)),
        new(Baresip, Tone, false, Baresip, BaresipRecords),
        new(Linphone, Event, true, Linphone, () => LinphonePresses(Event)),
        new(Linphone, Info, true, Linphone, () => LinphonePresses(Info)),
        new(Linphone, Tone, true, Linphone, LinphonePlays),
        new(Linphone, Event, false, Linphone, () => LinphoneHears(Event)),
        new(Linphone, Info, false, Linphone, () => LinphoneHears(Info)),
        new(Linphone, Tone, false, Linphone, () => LinphoneHears(Tone)),
        new(Sipp, Event, true, Sipp, () => SippSends(SippKeys.PlaysEvents, Event)),
        new(Sipp, Info, true, Sipp, () => SippSends(SippKeys.SendsInfo, Info)),
        new(Sipp, Tone, true, Sipp, () => SippSends(SippKeys.PlaysTones, Tone)),
        new(Sipp + "'s echo", Event, false, Sipp, () => SippEchoes(Event)),
        new(Sipp, Info, false, Sipp, () => SippEchoes(Info)),
        new(Sipp + "'s echo", Tone, false, Sipp, () => SippEchoes(Tone)),
        new(Ourselves, Event, true, "", () => WeHear(Event)),
        new(Ourselves, Info, true, "", () => WeHear(Info)),
        new(Ourselves, Tone, true, "", () => WeHear(Tone)),
    ];

    /// <summary>Why it cannot be made here, or null.</summary>
    public string? WhyNot => (Needs.Length == 0 ? null : Peers.WhyNot([Needs])) ?? (Way == Tone ? TouchTones.WhyNot : null);

    private static string[] Pressing(string way) => ["--keys", Keys, "--keys-after", "1500", "--key-way", way, "--talk", TalkSeconds];

    // A key that is heard in sound is heard as such alone where the peer sends no events.
    private static string[] Listening(string way) => way == Tone ? ["--detect-tones", "--key-way", Tone] : ["--detect-tones"];

    // ---- baresip --------------------------------------------------------------------------------------------------------------------

    private static T WithBaresip<T>(int tonesBeginMs, bool hasTones, Func<Baresip, T> make)
    {
        string folder = Directory.CreateTempSubdirectory("keys-").FullName;
        try
        {
            string path = Path.Combine(folder, "said.wav");
            SoundFile.Write(path, hasTones ? TouchTones.Make(Keys, tonesBeginMs) : new short[60 * 8_000], 8_000);
            using var baresip = new Baresip(new("pcmu", path));
            return make(baresip);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string BaresipPresses() => WithBaresip(0, false, baresip =>
    {
        using var phone = new SpeakingPhone(Ports.Free(), baresip.Port, "--detect-tones");
        baresip.Next("CALL_ESTABLISHED");
        phone.WaitFor("heard");
        foreach (char key in Keys)
        {
            baresip.Press(key, s_held);
            Thread.Sleep(s_between);
        }
        Thread.Sleep(500);
        baresip.Do("hangup");
        phone.WaitForEnd();
        return phone.HeardKeys(Event);
    });

    // Its file ends behind the last key, and the call with it.
    private static string BaresipPlays() => WithBaresip(TonesBeginMs, true, baresip =>
    {
        using var phone = new SpeakingPhone(Ports.Free(), baresip.Port, Listening(Tone));
        phone.WaitForEnd();
        return phone.HeardKeys(Tone);
    });

    private static string BaresipHears(string way) => WithBaresip(0, false, baresip =>
    {
        using var phone = new SpeakingPhone(Ports.Free(), baresip.Port, Pressing(way));
        phone.WaitForEnd();
        return baresip.HeardKeys;
    });

    private static string BaresipRecords() => WithBaresip(0, false, baresip =>
    {
        using var phone = new SpeakingPhone(Ports.Free(), baresip.Port, Pressing(Tone));
        phone.WaitForEnd();
        baresip.Next("CALL_CLOSED");
        return TouchTones.In(SoundFile.Read(baresip.HeardPath));
    });

    // ---- linphonec --------------------------------------------------------------------------------------------------------------------

    // Without a sound card it sends nothing that it does not press or play.
    private static string LinphonePresses(string way)
    {
        using var linphone = new Linphone(sendsInfo: way == Info);
        int port = Ports.Free();
        using var phone = new SpeakingPhone(port, null, "--detect-tones");
        linphone.Do($"call sip:alice@127.0.0.1:{port}");
        linphone.Says("connected");
        phone.WaitFor("answered");
        Thread.Sleep(500);
        foreach (char key in Keys)
        {
            linphone.Do($"{key}");
            Thread.Sleep(s_linphonesTurn);
        }
        linphone.Do("terminate");
        phone.WaitForEnd();
        return phone.HeardKeys(way);
    }

    private static string LinphonePlays()
    {
        using var linphone = new Linphone();
        int port = Ports.Free();
        using var phone = new SpeakingPhone(port, null, Listening(Tone));
        SoundFile.Write(linphone.PathOf("keys.wav"), TouchTones.Make(Keys, TonesBeginMs), 8_000);
        linphone.Do($"call sip:alice@127.0.0.1:{port}");
        linphone.Says("connected");
        phone.WaitFor("answered");
        linphone.Do($"play {linphone.PathOf("keys.wav")}");
        phone.WaitFor("heard");
        Thread.Sleep(TonesBeginMs + Keys.Length * 200 + 1_000);
        linphone.Do("terminate");
        phone.WaitForEnd();
        return phone.HeardKeys(Tone);
    }

    private static string LinphoneHears(string way)
    {
        using var linphone = new Linphone();
        using var phone = new SpeakingPhone(Ports.Free(), linphone.Port, Pressing(way));
        phone.WaitFor("progress");
        linphone.Do("answer");
        if (way == Tone)
        {
            linphone.Says("Media streams established");
            linphone.Do($"record {linphone.PathOf("heard.wav")}");
        }
        phone.WaitForEnd();
        if (way != Tone)
            return linphone.HeardKeys;
        linphone.Says("ended");
        return TouchTones.In(SoundFile.Read(linphone.PathOf("heard.wav")));
    }

    // ---- sipp -------------------------------------------------------------------------------------------------------------------------

    private static string SippSends(Func<int, string, SippKeys> call, string way)
    {
        int port = Ports.Free();
        using var phone = new SpeakingPhone(port, null, Listening(way));
        using var sipp = call(port, Keys);
        sipp.WaitForEnd();
        phone.WaitForEnd();
        return phone.HeardKeys(way);
    }

    // What it gives back is heard by us as its own; INFO it writes down.
    private static string SippEchoes(string way)
    {
        using var sipp = SippKeys.Takes();
        using var phone = new SpeakingPhone(Ports.Free(), sipp.Port, [.. Pressing(way), .. way == Tone ? (string[])["--detect-tones"] : []]);
        phone.WaitForEnd();
        sipp.WaitForEnd();
        return way == Info ? sipp.HeardKeys : phone.HeardKeys(way);
    }

    // ---- ourselves --------------------------------------------------------------------------------------------------------------------

    private static string WeHear(string way)
    {
        int port = Ports.Free();
        using var phone = new SpeakingPhone(port, null, Listening(way));
        using var other = new SpeakingPhone(Ports.Free(), port, Pressing(way));
        other.WaitForEnd();
        phone.WaitForEnd();
        return phone.HeardKeys(way);
    }
}
