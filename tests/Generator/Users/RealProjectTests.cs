// The door project once more, as a project file in a folder of its own: runtime/build/SipEmbedded.props is all that it needs beside the
// references. (The other tests compile in memory, where nothing shows that the build hands the grammar files to the generator.)
using System.Diagnostics;

namespace SipEmbedded.Generator.Tests.Users;

public sealed class RealProjectTests
{
    /// <summary>A build takes about 15 s; a machine under load may take several times as long.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_users_project_builds()
    {
        string repository = Repository();
        // bin/CONFIGURATION/FRAMEWORK: what this test was built with exists of the libraries too.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var folder = Directory.CreateTempSubdirectory("door");
        try
        {
            foreach (string file in (string[])["door.abnf", "Door.cs", "Demonstration.cs"])
                File.WriteAllText(Path.Combine(folder.FullName, file), UserProject.Resource("door/" + file));
            File.WriteAllText(Path.Combine(folder.FullName, "Door.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                    <Nullable>enable</Nullable>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                  </PropertyGroup>
                  <Import Project="{repository}/runtime/build/SipEmbedded.props" />
                  <ItemGroup>
                    <ProjectReference Include="{repository}/runtime/SipEmbedded.csproj" />
                    <ProjectReference Include="{repository}/generator/SipEmbedded.Generator.csproj" OutputItemType="Analyzer"
                                      ReferenceOutputAssembly="false" />
                    <AdditionalFiles Include="door.abnf" Grammar="sip" />
                  </ItemGroup>
                </Project>
                """);
            var start = new ProcessStartInfo("dotnet", ["build", "-v", "q", "-nodeReuse:false", "-c", configuration, "-p:BuildProjectReferences=false"])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
            };
            using var build = Process.Start(start)!;
            var output = build.StandardOutput.ReadToEndAsync();
            using var limit = new CancellationTokenSource(s_limit);
            limit.Token.Register(() => build.Kill(entireProcessTree: true));
            string printed = await output;
            await build.WaitForExitAsync();
            Assert.True(build.ExitCode == 0, printed);
            Assert.True(File.Exists(Path.Combine(folder.FullName, "bin", configuration, "net10.0", "Door.dll")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Repository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SipEmbedded.sln")))
                return directory.FullName;
        }
        throw new DirectoryNotFoundException("no SipEmbedded.sln above the tests");
    }
}
