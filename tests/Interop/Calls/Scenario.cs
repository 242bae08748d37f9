// SIPp with a scenario of ours (Scenarios/*.xml): what it expects of us stands there, and its exit status says whether it got it.
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

/// <summary>One call of SIPp's, placed or awaited.</summary>
internal sealed class Scenario : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("sipp-").FullName;
    private readonly ChildProcess _sipp;
    private readonly TestPhone _phone;

    private Scenario(string name, TestPhone phone, bool usesTcp, params string[] more)
    {
        _phone = phone;
        Port = Ports.Free();
        string path = Path.Combine(AppContext.BaseDirectory, "Calls", "Scenarios", name + ".xml");
        // -timeout ends a scenario that waits for what never comes.
        string[] arguments =
        [
            "-sf", path, "-t", usesTcp ? "t1" : "u1", "-i", "127.0.0.1", "-p", $"{Port}", "-m", "1", "-nostdin", "-timeout", "20s", "-timeout_error", "-trace_err",
            "-error_file", ErrorPath, .. more,
        ];
        _sipp = new("sipp", arguments, _folder);
    }

    /// <summary>SIPp calls the phone.</summary>
    public static Scenario Calls(TestPhone phone, string name, bool usesTcp = false) => new("caller-" + name, phone, usesTcp, $"127.0.0.1:{phone.Port}");

    /// <summary>SIPp waits for a call of the phone's.</summary>
    public static Scenario IsCalled(TestPhone phone, string name, bool usesTcp = false)
    {
        var scenario = new Scenario("callee-" + name, phone, usesTcp);
        try
        {
            Ports.WaitFor(scenario.Port, usesTcp, scenario._sipp);
        }
        catch
        {
            scenario.Dispose();
            throw;
        }
        return scenario;
    }

    public int Port { get; }

    private string ErrorPath => Path.Combine(_folder, "errors");

    /// <summary>It got what it expected, to the end.</summary>
    public void Ends()
    {
        int status = _sipp.WaitForExit(Limit);
        string errors = File.Exists(ErrorPath) ? File.ReadAllText(ErrorPath) : "";
        Assert.True(status == 0, $"sipp ended with {status}:\n{errors}\n{_phone.Traffic}\n{(errors.Length == 0 ? _sipp.Text : "")}");
    }

    public void Dispose()
    {
        _sipp.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
