// "doorphone ladder" as a command: what it writes where, what it complains of, how it exits.
using System.CommandLine;
using System.Text;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Ladder;
using Xunit;
using static SipEmbedded.Device.Tests.Ladders.CaptureBuilder;
using static SipEmbedded.Device.Tests.Ladders.Messages;

namespace SipEmbedded.Device.Tests.Ladders;

public class LadderRunTests
{
    private static byte[] Capture => new CaptureBuilder(101)
        .Packet(V4(Udp(Request("INVITE", callId: "first@door"))))
        .Packet(V4(Udp(Request("OPTIONS", callId: "second@door"))))
        .ToArray();

    private static (int Status, string Output, string Errors) Run(
        byte[] input, string? html = null, string? svg = null, string? call = null, bool onlyAscii = false, string file = "-", ParticipantName[]? names = null)
    {
        using var output = new MemoryStream();
        using var errors = new StringWriter { NewLine = "\n" };
        int status = new LadderRun(new(file, html, svg, call, onlyAscii, names ?? []), Terminal.None, output, errors, () => new MemoryStream(input)).Run();
        return (status, Encoding.UTF8.GetString(output.ToArray()), errors.ToString());
    }

    [Fact]
    public void A_capture_is_printed()
    {
        var (status, output, errors) = Run(Capture);

        Assert.Equal((ExitStatus.Done, ""), (status, errors));
        Assert.Contains("── INVITE 1 ──", output);
        Assert.Contains("second@door", output);
    }

    [Fact]
    public void Pages_and_pictures_go_to_files_or_to_the_output()
    {
        string folder = Directory.CreateTempSubdirectory("ladder").FullName;
        try
        {
            string svg = Path.Combine(folder, "x.svg");
            var (status, output, _) = Run(Capture, html: "-", svg: svg);

            Assert.Equal(ExitStatus.Done, status);
            Assert.StartsWith("<!DOCTYPE html>", output);
            Assert.StartsWith("<svg", File.ReadAllText(svg));
            Assert.DoesNotContain("│", output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void One_call_can_be_chosen()
    {
        string output = Run(Capture, call: "second@door", onlyAscii: true).Output;

        Assert.Contains("1.000", output);
        Assert.Contains("OPTIONS 1", output);
        Assert.DoesNotContain("INVITE", output);
        Assert.True(Ascii.IsValid(output));
    }

    [Fact]
    public void A_call_that_is_not_there_is_told_with_those_that_are()
    {
        var (status, output, errors) = Run(Capture, call: "third@door");

        Assert.Equal((ExitStatus.Fault, ""), (status, output));
        Assert.Equal("There is no call 'third@door' in it; its calls are:\n  first@door\n  second@door\n", errors);
    }

    [Fact]
    public void A_damaged_file_is_shown_up_to_its_fault()
    {
        var (status, output, errors) = Run(Capture[..^1]);

        Assert.Equal(ExitStatus.Fault, status);
        Assert.Contains("INVITE 1", output);
        Assert.Matches(@"^standard input:\d+: the file ends within a packet of \d+ octets\n$", errors);
    }

    [Fact]
    public void A_capture_without_SIP_says_so()
    {
        var (status, output, errors) = Run(new CaptureBuilder(101).Packet(V4(Udp([1, 2, 3], 1, 2))).ToArray());

        Assert.Equal((ExitStatus.Fault, "", "standard input: there is no SIP in 1 packet; what TLS carries cannot be read\n"), (status, output, errors));
    }

    [Theory]
    [InlineData("no-such-file", "no-such-file cannot be read: there is no such file")]
    [InlineData(".", ". cannot be read: it is a directory")]
    public void A_file_that_cannot_be_read_is_told(string file, string told)
    {
        var (status, _, errors) = Run([], file: file);

        Assert.Equal((ExitStatus.Usage, $"doorphone: {told}\n"), (status, errors));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told()
    {
        var (status, _, errors) = Run(Capture, html: "no-such-folder/x.html");

        Assert.Equal((ExitStatus.Usage, "doorphone: no-such-folder/x.html cannot be written: there is no such file\n"), (status, errors));
    }

    [Fact]
    public void Participants_can_be_named()
    {
        string output = Run(Capture, names: [new(Door.WithPort(0), "Door"), new(House, "House")]).Output;

        Assert.Contains("Door", output);
        Assert.Contains("House", output);
        Assert.DoesNotContain("192.0.2.", output);
    }

    [Theory]
    [InlineData("x.pcap --name 192.0.2.1=Door --name [2001:db8::1]:5060=House --ascii", 0)]
    [InlineData("x.pcap --html x.html --svg x.svg --call a@b --no-color", 0)]
    [InlineData("x.pcap --name Door", 1)]
    [InlineData("x.pcap --name 192.0.2.1=", 1)]
    [InlineData("x.pcap --name 192.0.2.1:70000=Door", 1)]
    [InlineData("--htm", 1)]
    [InlineData("", 1)]
    public void The_command_line_is_checked(string arguments, int errors)
    {
        RootCommand root = new() { LadderCommand.Create() };

        Assert.Equal(errors, root.Parse("ladder " + arguments).Errors.Count);
    }
}
