using Xunit;

namespace SipEmbedded.Simulation;

public sealed class CommandLineTests
{
    [Fact]
    public void Options_are_read()
    {
        Assert.True(CommandLine.TryRead(["--seeds", "3..9", "--parallel", "4", "--agents", "7", "--seconds", "30", "--no-faults", "--small-pools"], out var command, out _));

        Assert.Equal((Mode.Seeds, 3UL, 9UL, 4), (command.Mode, command.From, command.To, command.Threads));
        Assert.Equal((7, 30, NetworkFaults.None, true), (command.Options.Agents, command.Options.Seconds, command.Options.Faults, command.Options.HasSmallPools));
    }

    [Fact]
    public void A_seed_may_be_given_to_an_hour()
    {
        Assert.True(CommandLine.TryRead(["--hour", "--seed", "12"], out var command, out _));

        Assert.Equal((Mode.Hour, 12UL), (command.Mode, command.From));
    }

    [Fact]
    public void Scenes_of_registration_are_named()
    {
        Assert.True(CommandLine.TryRead(["--year", "--seed", "3"], out var year, out _));
        Assert.True(CommandLine.TryRead(["--sieges", "2..5"], out var sieges, out _));
        Assert.True(CommandLine.TryRead(["--storm"], out var storm, out _));

        Assert.Equal((Mode.Year, 3UL), (year.Mode, year.From));
        Assert.Equal((Mode.Sieges, 2UL, 5UL), (sieges.Mode, sieges.From, sieges.To));
        Assert.Equal(Mode.Storm, storm.Mode);
    }

    [Fact]
    public void Calls_are_counted_from_a_seed_on()
    {
        Assert.True(CommandLine.TryRead(["--calls", "5000", "--seed", "7", "--record"], out var command, out _));

        Assert.Equal((Mode.Calls, 5000L, 7UL, true), (command.Mode, command.Calls, command.From, command.Records));
    }

    [Theory]
    [InlineData("--calls", "0")]
    [InlineData("--seed")]
    [InlineData("--seed", "x")]
    [InlineData("--seeds", "9..3")]
    [InlineData("--seeds", "5")]
    [InlineData("--agents", "1")]
    [InlineData("--nonsense")]
    public void What_is_not_understood_is_named(params string[] arguments)
    {
        Assert.False(CommandLine.TryRead(arguments, out _, out string complaint));

        Assert.Contains(arguments[0], complaint);
    }
}
