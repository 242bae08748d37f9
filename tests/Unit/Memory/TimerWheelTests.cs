using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class TimerWheelTests
{
    private const int Levels = 9;

    // More than any test's timers need: a wheel that never comes to its end is a failure, not a hang.
    private const int MaxLooks = 100_000;

    private const long TicksPerYear = 365L * TimeSpan.TicksPerDay;

    private static TimerWheel Wheel(int capacity) => new(new StartGate(), "timers", capacity);

    private static Instant Ms(long milliseconds) => Instant.FromMilliseconds(milliseconds);

    private static Instant Ticks(long ticks) => Instant.FromTicks(ticks);

    private static List<int> PopAll(TimerWheel wheel, Instant now)
    {
        var popped = new List<int>();
        while (popped.Count < MaxLooks && wheel.TryPop(now, out int timer))
            popped.Add(timer);
        return popped;
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 150)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_histories_agree_with_an_array_of_deadlines(int seed)
    {
        var random = new Random(seed);
        int capacity = random.Next(1, 40);
        var wheel = Wheel(capacity);
        var oracle = new DeadlineArray(capacity);
        // A clock may have run for years when the wheel is made; until the first look the wheel knows nothing of it.
        var now = Ticks(random.Next(3) switch { 0 => 0, 1 => random.Next(1_000_000), _ => random.NextInt64(40 * TicksPerYear) });
        var looked = Ticks(0);
        long pops = 0;
        for (int step = 0; step < 1500; step++)
        {
            int timer = random.Next(capacity);
            switch (random.Next(10))
            {
                case < 5:
                    var deadline = Deadline(random, now);
                    wheel.Arm(timer, deadline);
                    oracle[timer] = deadline;
                    break;
                case < 6:
                    wheel.Cancel(timer);
                    oracle[timer] = null;
                    break;
                default:
                    now = random.Next(3) == 0 && wheel.NextDeadline is var next && next > now && next < Ticks(1000 * TicksPerYear) ? next : now + Jump(random);
                    Look();
                    looked = now;
                    break;
            }
            Assert.Equal(oracle.Count, wheel.Count);
            Assert.Equal(oracle[timer] is not null, wheel.IsArmed(timer));
            Assert.Equal(oracle.Count == 0, wheel.NextDeadline == Instant.Never);
            // A deadline that had passed when it was armed is one of the last look's millisecond.
            var latest = DeadlineArray.RoundedUp(oracle.Earliest);
            Assert.True(wheel.NextDeadline <= (latest > looked ? latest : looked));
        }
        Assert.True(pops > 100 || capacity < 5);

        void Look()
        {
            var due = oracle.Due(now);
            var popped = new List<int>();
            var last = Ticks(0);
            while (wheel.TryPop(now, out int timer))
            {
                var deadline = oracle[timer]!.Value;
                Assert.True(deadline <= now, "a timer fired early");
                var rounded = DeadlineArray.RoundedUp(deadline);
                // By milliseconds in order, what had passed when it was armed first.
                Assert.True(rounded >= last || rounded <= looked);
                last = rounded > last ? rounded : last;
                Assert.False(wheel.IsArmed(timer));
                popped.Add(timer);
                oracle[timer] = null;
                pops++;
                if (random.Next(4) == 0)
                {
                    oracle[timer] = now + TimeSpan.FromTicks(random.NextInt64(1, 1L << random.Next(1, 50)));
                    wheel.Arm(timer, oracle[timer]!.Value);
                    // Due in this look only if a millisecond's end lies between.
                    Assert.True(DeadlineArray.RoundedUp(oracle[timer]!.Value) > now);
                }
            }
            Assert.Equal(due, popped.Order());
            Assert.True(wheel.NextDeadline > now);
        }
    }

    private static Instant Deadline(Random random, Instant now) => random.Next(12) switch
    {
        0 => Instant.Never,
        1 => now,
        2 => Ticks(random.NextInt64(now.Ticks + 1)),
        3 => now + TimeSpan.FromTicks(random.Next(3 * (int)TimeSpan.TicksPerMillisecond)),
        // Beside the border of a block, as the wheel counts.
        4 => Ms(NextBorder(now.Milliseconds, random.Next(1, 6)) + random.Next(-1, 2)),
        5 => now + TimeSpan.FromMilliseconds(Math.Pow(64, random.Next(6)) + random.Next(-1, 2)),
        6 => now + TimeSpan.FromTicks(random.NextInt64(30 * TicksPerYear)),
        // SIP's own: T1 and its doublings, 64*T1 (RFC 3261 §17).
        7 or 8 => now + TimeSpan.FromMilliseconds(500 << random.Next(7)),
        _ => now + TimeSpan.FromTicks(random.NextInt64(1L << random.Next(1, 45))),
    };

    private static long NextBorder(long milliseconds, int level) => (milliseconds >> 6 * level) + 1 << 6 * level;

    private static TimeSpan Jump(Random random) => random.Next(10) switch
    {
        0 => TimeSpan.Zero,
        1 or 2 => TimeSpan.FromTicks(random.Next((int)TimeSpan.TicksPerMillisecond)),
        3 => TimeSpan.FromMilliseconds(Math.Pow(64, random.Next(6)) + random.Next(-1, 2)),
        4 when random.Next(20) == 0 => TimeSpan.FromTicks(random.NextInt64(2 * TicksPerYear)),
        _ => TimeSpan.FromTicks(random.NextInt64(1L << random.Next(1, 36))),
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(262_143)]
    [InlineData(262_144)]
    [InlineData(1L << 40)]
    [InlineData((1L << 48) - 1)]
    [InlineData(900_000_000_000_000)]
    public void A_deadline_at_a_border_of_levels_fires_in_its_millisecond(long start)
    {
        for (int level = 0; level < Levels - 1; level++)
        {
            for (long around = -2; around <= 2; around++)
            {
                long delay = (1L << 6 * level) + around;
                if (delay < 0)
                    continue;
                var wheel = Wheel(1);
                Assert.False(wheel.TryPop(Ms(start), out _));
                wheel.Arm(0, Ms(start + delay));
                Assert.True(wheel.NextDeadline <= Ms(start + delay));
                if (delay > 0)
                    Assert.Empty(PopAll(wheel, Ms(start + delay - 1)));
                Assert.Equal([0], PopAll(wheel, Ms(start + delay)));
            }
        }
    }

    [Fact]
    public void A_fraction_of_a_millisecond_is_rounded_up()
    {
        var wheel = Wheel(1);
        wheel.Arm(0, Ticks(10_001));

        Assert.Equal(Ms(2), wheel.NextDeadline);
        Assert.Empty(PopAll(wheel, Ticks(10_001)));
        Assert.Empty(PopAll(wheel, Ticks(19_999)));
        Assert.Equal([0], PopAll(wheel, Ms(2)));
    }

    [Fact]
    public void A_deadline_that_has_passed_fires_at_the_next_look()
    {
        var wheel = Wheel(2);
        Assert.Empty(PopAll(wheel, Ms(5_000_000)));
        wheel.Arm(0, Ms(3));
        wheel.Arm(1, Ms(0));

        Assert.Equal(Ms(5_000_000), wheel.NextDeadline);
        Assert.Equal([0, 1], PopAll(wheel, Ms(5_000_000)));
        Assert.Equal(Instant.Never, wheel.NextDeadline);
    }

    [Fact]
    public void Never_disarms()
    {
        var wheel = Wheel(1);
        wheel.Arm(0, Ms(10));
        wheel.Arm(0, Instant.Never);

        Assert.False(wheel.IsArmed(0));
        Assert.Equal(0, wheel.Count);
        Assert.Equal(Instant.Never, wheel.NextDeadline);
        Assert.Empty(PopAll(wheel, Ms(1000)));
    }

    [Fact]
    public void A_timer_armed_again_has_its_last_deadline_alone()
    {
        var wheel = Wheel(1);
        wheel.Arm(0, Ms(10));
        wheel.Arm(0, Ms(70_000));
        Assert.Equal(1, wheel.Count);
        Assert.Empty(PopAll(wheel, Ms(69_999)));
        wheel.Arm(0, Ms(70_005));
        Assert.Empty(PopAll(wheel, Ms(70_004)));
        Assert.Equal([0], PopAll(wheel, Ms(70_005)));
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void The_end_of_time_is_not_wrapped_around()
    {
        var wheel = Wheel(2);
        wheel.Arm(0, Ticks(long.MaxValue - 1));
        wheel.Arm(1, Ms(long.MaxValue / TimeSpan.TicksPerMillisecond));

        Assert.True(wheel.NextDeadline > Ms(0));
        Assert.Equal([1], PopAll(wheel, Ticks(long.MaxValue - 1)));
        // Its millisecond ends behind the last tick.
        Assert.True(wheel.IsArmed(0));
        Assert.Equal(Instant.Never, wheel.NextDeadline);
    }

    [Fact]
    public void A_clock_that_started_years_ago_costs_one_look()
    {
        var wheel = Wheel(1);
        var now = Ticks(17 * TicksPerYear + 12_345);
        wheel.Arm(0, now + TimeSpan.FromMilliseconds(500));
        Assert.True(wheel.NextDeadline < now);
        Assert.Empty(PopAll(wheel, now));
        Assert.True(wheel.NextDeadline > now);
    }

    // How often an event loop looks in vain for one timer. Where a timer stands depends on its deadline and the present alone, not on other timers, and
    // a look in vain moves it once; so this is the count of moves, whatever else the wheel holds.
    private static int LooksInVain(long start, long delay)
    {
        var wheel = Wheel(1);
        Assert.False(wheel.TryPop(Ms(start), out _));
        wheel.Arm(0, Ms(start + delay));
        for (int looks = 0; looks < MaxLooks; looks++)
        {
            if (wheel.TryPop(wheel.NextDeadline, out _))
                return looks;
        }
        return MaxLooks;
    }

    private static int LevelOf(long delay) => delay < 64 ? 0 : 1 + LevelOf(delay / 64);

    [Fact]
    public void A_timer_moves_no_oftener_than_its_delay_has_digits()
    {
        var random = new Random(3261);
        int most = 0;
        for (int i = 0; i < 20_000; i++)
        {
            long start = random.NextInt64(1L << random.Next(1, 49)), delay = random.NextInt64(1L << random.Next(1, 49));
            int looks = LooksInVain(start, delay);
            Assert.InRange(looks, 0, Math.Min(LevelOf(delay) + 1, Levels - 1));
            most = Math.Max(most, looks);
        }
        Assert.Equal(Levels - 1, most);
        // 64*T1 and an hour's registration: as often as the note says, and once more across a border.
        Assert.Equal(2, LooksInVain(start: 5, delay: 32_005));
        Assert.Equal(3, LooksInVain(start: 262_143, delay: 32_005));
        Assert.Equal(3, LooksInVain(start: 5, delay: 3_600_005));
    }

    [Fact]
    public void An_event_loop_looks_in_vain_no_oftener_than_timers_move()
    {
        // Transactions of a busy hour: each arms a retransmission timer that doubles and a timeout, and half of them are answered early.
        const int Transactions = 500;
        var random = new Random(17);
        var wheel = Wheel(2 * Transactions);
        var now = Ms(123_456_789);
        int vain = 0, allowed = 0, pops = 0;
        Assert.Empty(PopAll(wheel, now));
        for (int i = 0; i < Transactions; i++)
        {
            Arm(2 * i, random.Next(1, 5000));
            Arm(2 * i + 1, 32_000 + random.Next(5000));
        }
        for (int looks = 0; wheel.NextDeadline != Instant.Never; looks++)
        {
            Assert.True(looks < MaxLooks);
            now = wheel.NextDeadline;
            var popped = PopAll(wheel, now);
            if (popped.Count == 0)
                vain++;
            pops += popped.Count;
            foreach (int timer in popped)
            {
                if (timer % 2 != 0)
                    wheel.Cancel(timer - 1);
                else if (random.Next(2) == 0)
                    wheel.Cancel(timer + 1);
                else
                    Arm(timer, 500 << random.Next(5));
            }
        }
        Assert.InRange(vain, 1, allowed);
        Assert.True(pops > 2 * Transactions);
        // Timers share slots, and so looks: the bound is far from being reached.
        Assert.True(vain < pops);

        void Arm(int timer, int delayMs)
        {
            wheel.Arm(timer, now + TimeSpan.FromMilliseconds(delayMs));
            allowed += LevelOf(delayMs) + 1;
        }
    }

    [Fact]
    public void The_same_history_pops_in_the_same_order()
    {
        Assert.Equal(Run(), Run());

        static List<int> Run()
        {
            var random = new Random(99);
            var wheel = Wheel(200);
            for (int i = 0; i < 1000; i++)
                wheel.Arm(random.Next(200), Ms(random.Next(50)));
            return PopAll(wheel, Ms(50));
        }
    }

    [Fact]
    public void A_wheel_without_timers_has_nothing_to_do()
    {
        var wheel = Wheel(0);
        Assert.Equal(Instant.Never, wheel.NextDeadline);
        Assert.False(wheel.TryPop(Ms(1), out int timer));
        Assert.Equal(-1, timer);
    }
}
